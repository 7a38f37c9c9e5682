import { z } from "zod";
import { json, jsonObject } from "#events/json.ts";
import { MAX_REQUEST_CHARS, PLAN_TOOL, REPLAN_TOOL } from "#src/planning/request/request-plan.ts";
import type { Granted } from "#src/planning/validation/grounds.ts";
import type { WholeTemplate } from "#src/templates/template.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Planning as a tool: retried, timed, recorded and seen like any other. It plans with the tools of the process that it runs in, which
// are those that whoever started it has granted, and never with itself.
//
// T1. What it gives is data: the engine checks once more that the rest can be, and every step in it is run under the same rules as one
//     that a person wrote.
// T2. What plans need is loaded when the first request comes: a process that never plans does not pay for it.

export interface PlanningOptions {
  /** Asked when it plans: sources of tools change. */
  readonly tools: () => ToolRegistry;
  readonly granted?: Granted;
  /** Asked when it plans: files change. */
  readonly templates?: () => readonly WholeTemplate[];
}

/** Requests of before that planning learns from, the last ones. */
const MAX_PAST = 1_000;
const MAX_ANSWERS = 20;
const MAX_EARLIER = 50;

const values = z.record(z.string(), z.unknown());

const ASKED = {
  request: z.string().max(MAX_REQUEST_CHARS).describe("what is asked, in words"),
  context: values.default({}).describe("values that go with it, by name"),
  earlier: z.array(values).max(MAX_EARLIER).default([]).describe("requests of before in the session"),
};

export function planningTools({ tools, granted = {}, templates = () => [] }: PlanningOptions): readonly Tool[] {
  const plan = defineTool({
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
    async run({ request, context, earlier, answers, number }, { clock, signal, history }) {
      const { planned } = await import("#src/planning/request/planning.ts");
      const { pastPlans } = await import("#src/planning/request/past-plans.ts");
      const [reports, rows] =
        history === undefined ? [[], []] : await Promise.all([history.toolReports(), history.requests(MAX_PAST)]);
      const past = pastPlans(rows);
      signal.throwIfAborted();
      const grounds = { tools: tools(), granted, reports, past, now: clock.now(), templates: templates() };
      const asked = {
        ...{ request, number, context: jsonObject.parse(context) },
        earlier: earlier.map((one) => jsonObject.parse(one)),
        answers: answers.map((one) => json.parse(one)),
      };
      const result = planned(asked, grounds);
      if (result.kind !== "refusal") return { ...result, rest: jsonObject.parse(result.rest) };
      const { category, code, message, details } = result;
      throw new ToolFailure(category, message, { code, ...(details === undefined ? {} : { details }) });
    },
  });
  const replan = defineTool({
    name: REPLAN_TOOL,
    version: "1.0.0",
    description: "Plans anew what a request's plan could not do, with what was done and what failed.",
    domains: ["planning"],
    input: z.strictObject({
      ...ASKED,
      failure: z.unknown().describe("as the engine tells it: the plan, what became of its steps, what they gave"),
    }),
    output: z.looseObject({ kind: z.literal("plan"), rest: values }),
    sideEffects: "read",
    async run({ request, failure }, { clock, signal, history }) {
      const { restAfter } = await import("#src/planning/request/rest-after-failure.ts");
      const reports = history === undefined ? [] : await history.toolReports();
      signal.throwIfAborted();
      const result = restAfter({ request, failure }, { tools: tools(), granted, reports, past: [], now: clock.now() });
      if (result.kind !== "refusal") return { ...result, rest: jsonObject.parse(result.rest) };
      throw new ToolFailure(result.category, result.message, { code: result.code });
    },
  });
  return [plan, replan];
}
