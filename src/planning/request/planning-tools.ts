import { z } from "zod";
import { DEFAULT_TIMEOUT_MS } from "#events/definition.ts";
import { json, jsonObject } from "#events/json.ts";
import type { UsedModel } from "#src/model/tool-asking.ts";
import type { Asked, Planned, PlanningGrounds, PlanningRefusal } from "#src/planning/request/planned.ts";
import { MAX_REQUEST_CHARS, PLAN_TOOL, REPLAN_TOOL } from "#src/planning/request/request-plan.ts";
import { narrowed, without } from "#src/planning/request/request-grants.ts";
import type { AnsweringModel } from "#src/planning/responding/answer-step.ts";
import type { TrainedFile, TrainedKnowledge } from "#src/planning/request/trained-file.ts";
import type { KeptPlanner } from "#src/planning/drafting/kept-planner.ts";
import type { Granted } from "#src/planning/validation/grounds.ts";
import type { ModelNote } from "#src/planning/with-model/model-note.ts";
import type { WholeTemplate } from "#src/templates/template.ts";
import { defineTool, ToolFailure, type RunHistory, type Tool, type ToolContext } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Planning as a tool: retried, timed, recorded and seen like any other. It plans with the tools of the process that it runs in, which
// are those that whoever started it has granted, and never with itself.
//
// T1. What it gives is data: the engine checks once more that the rest can be, and every step in it is run under the same rules as one
//     that a person wrote.
// T2. What plans need is loaded when the first request comes: a process that never plans does not pay for it.
// T3. A language model has less time than the attempt: what is planned without it is given out whatever the model does.

export interface PlanningOptions {
  /** Asked when it plans: sources of tools change. */
  readonly tools: () => ToolRegistry;
  readonly granted?: Granted;
  /** Asked when it plans: files change. */
  readonly templates?: () => readonly WholeTemplate[];
  /** Plans beside the planner that needs none. */
  readonly model?: UsedModel | undefined;
  /** Says at the end of a plan what its steps gave. */
  readonly answering?: AnsweringModel | undefined;
  /** File of a model of `planwright planner train`. Default: there is none. */
  readonly trained?: string | undefined;
}

/** Requests of before that planning learns from, the last ones. */
const MAX_PAST = 1_000;
/** Of fewer requests nothing is learned: what is common to them is chance, and a value of one would become a habit. */
const LEAST_PAST = 20;
const MAX_ANSWERS = 20;
const MAX_EARLIER = 50;

const values = z.record(z.string(), z.unknown());

const ASKED = {
  request: z.string().max(MAX_REQUEST_CHARS).describe("what is asked, in words"),
  context: values.default({}).describe("values that go with it, by name"),
  without: without.default([]),
  earlier: z.array(values).max(MAX_EARLIER).default([]).describe("requests of before in the session"),
};

/** Beside the time of the model: for all that is done without one. */
const OWN_TIME_MS = DEFAULT_TIMEOUT_MS;

export function planningTools(options: PlanningOptions): readonly Tool[] {
  return [planTool(options), replanTool(options)];
}

function planTool(options: PlanningOptions): Tool {
  const { tools, granted = {}, templates = () => [], model, answering, trained: file } = options;
  const trainedIn = trainedReader(file);
  const keptIn = plannerKeeper();
  return defineTool({
    name: PLAN_TOOL,
    version: "1.0.0",
    description: "Plans a request: the output says how the plan goes on, with what else was thought of.",
    domains: ["planning"],
    input: z.strictObject({
      ...ASKED,
      session: z.string().max(200).default(""),
      answers: z
        .array(z.unknown())
        .max(MAX_ANSWERS)
        .default([])
        .describe("what was answered to questions, in their order"),
      number: z.int().min(1).default(1).describe("which planning of this request it is"),
    }),
    output: z.looseObject({
      kind: z.enum(["plan", "question", "item"]),
      rest: values,
    }),
    sideEffects: "read",
    ...(model === undefined ? {} : { timeoutMs: model.limits.maxTimeMs + OWN_TIME_MS }),
    async run({ request, context, earlier, answers, number, without: more }, around) {
      const { clock, signal, history } = around;
      const { reports, past, answers: known } = await shownBy(history);
      const trained = await trainedIn();
      signal.throwIfAborted();
      const grounds = {
        ...{ tools: tools(), granted: narrowed(granted, more), reports, past, answers: known, now: clock.now() },
        ...{ templates: templates(), answering, trained, kept: await keptIn() },
      };
      const asked = {
        ...{ request, number, context: jsonObject.parse(context) },
        earlier: earlier.map((one) => jsonObject.parse(one)),
        answers: answers.map((one) => json.parse(one)),
      };
      const { planned: result, notes } = await plannedHere(asked, grounds, { model, around });
      if (result.kind === "refusal") throw refused(result, notes);
      return { ...result, rest: jsonObject.parse(result.rest), ...(notes === undefined ? {} : { model: notes }) };
    },
  });
}

function replanTool({ tools, granted = {} }: PlanningOptions): Tool {
  return defineTool({
    name: REPLAN_TOOL,
    version: "1.0.0",
    description: "Plans anew what a request's plan could not do, with what was done and what failed.",
    domains: ["planning"],
    input: z.strictObject({
      ...ASKED,
      failure: z.unknown().describe("as the engine tells it: the plan, what became of its steps, what they gave"),
      answers: z
        .array(z.strictObject({ step: z.string(), said: z.unknown() }))
        .max(MAX_ANSWERS)
        .default([])
        .describe("what was said to questions about it, in their order"),
    }),
    output: z.looseObject({ kind: z.enum(["plan", "question"]), rest: values }),
    sideEffects: "read",
    async run({ request, failure, answers, without: more }, { clock, signal, history }) {
      const { restAfter } = await import("#src/planning/request/rest-after-failure.ts");
      const reports = history === undefined ? [] : await history.toolReports();
      signal.throwIfAborted();
      const said = answers.map((one) => ({ step: one.step, said: json.parse(one.said) }));
      const may = narrowed(granted, more);
      const grounds = { tools: tools(), granted: may, reports, past: [], now: clock.now() };
      const result = restAfter({ request, failure, answers: said }, grounds);
      if (result.kind !== "refusal") return { ...result, rest: jsonObject.parse(result.rest) };
      throw new ToolFailure(result.category, result.message, { code: result.code });
    },
  });
}

interface Here {
  readonly model: UsedModel | undefined;
  readonly around: ToolContext;
}

interface PlannedHere {
  readonly planned: Planned;
  /** Of the language model; undefined where there is none. */
  readonly notes?: readonly ModelNote[];
}

async function plannedHere(asked: Asked, grounds: PlanningGrounds, { model, around }: Here): Promise<PlannedHere> {
  if (model === undefined) {
    const { planned } = await import("#src/planning/request/planning.ts");
    return { planned: planned(asked, grounds) };
  }
  const { plannedInTool } = await import("#src/planning/request/planned-with-model.ts");
  return plannedInTool(asked, grounds, { model, around });
}

/** With what became of the model, which might have understood the request. */
function refused({ category, code, message, details }: PlanningRefusal, notes?: readonly ModelNote[]): ToolFailure {
  const told = (notes ?? []).flatMap(({ outcome, why }) =>
    outcome === "not-asked" ? [] : [`the language model was asked too: ${why}`],
  );
  const all = notes === undefined ? details : { ...details, model: notes };
  return new ToolFailure(category, [message, ...told].join("; "), {
    code,
    ...(all === undefined ? {} : { details: all }),
  });
}

/** What runs before have shown. */
async function shownBy(history: RunHistory | undefined) {
  if (history === undefined) return { reports: [], past: [], answers: [] };
  const { pastPlans } = await import("#src/planning/request/past-plans.ts");
  const asked = [history.toolReports(), history.requests(MAX_PAST), history.answers()] as const;
  const [reports, rows, answers] = await Promise.all(asked);
  const past = pastPlans(rows);
  return { reports, past: past.length < LEAST_PAST ? [] : past, answers };
}

/** T2. */
function trainedReader(file: string | undefined): () => Promise<TrainedKnowledge | undefined> {
  let opened: TrainedFile | undefined;
  return async () => {
    if (file === undefined) return undefined;
    const { TrainedFile: Reader } = await import("#src/planning/request/trained-file.ts");
    opened ??= new Reader(file);
    return opened.read();
  };
}

/** T2. */
function plannerKeeper(): () => Promise<KeptPlanner> {
  let kept: KeptPlanner | undefined;
  return async () => {
    const { KeptPlanner: Keeper } = await import("#src/planning/drafting/kept-planner.ts");
    return (kept ??= new Keeper());
  };
}
