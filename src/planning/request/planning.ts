import type { RestOfPlan } from "#events/definition.ts";
import type { ErrorCategory } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { ToolReport } from "#projections/tool-statistics.ts";
import type { Complaint } from "#src/language/finding.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import type { PastCall, PastPlan, Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { drafts, planner, type Draft } from "#src/planning/drafting/planner.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { answersIn, withGiven } from "#src/planning/request/given-values.ts";
import { asPast } from "#src/planning/request/past-plans.ts";
import { checkedRest, type CheckedRest } from "#src/planning/request/plan-rest.ts";
import { ANSWER_SIGNAL, PLAN_STEP, planningAgain } from "#src/planning/request/request-plan.ts";
import { isAmong, type Granted } from "#src/planning/validation/grounds.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// From a request to the rest of its plan: steps that do it, a question, or why there is neither. What the planning step does, without
// what is around it.
//
// P1. Pure: the same request on the same grounds gives the same rest.
// P2. A rest has passed the check and the validation (plan-rest.ts). A candidate that does not is passed over, and said so.
// P3. Tools that plan, and those that nobody granted, are no candidates, whatever a request says.

export interface PlanningGrounds {
  readonly tools: ToolRegistry;
  readonly granted: Granted;
  /** How the tools have done so far. */
  readonly reports: readonly ToolReport[];
  readonly past: readonly PastPlan[];
  /** In ms since the epoch. */
  readonly now: number;
}

export interface Asked {
  readonly request: string;
  readonly context: JsonObject;
  /** What was answered to questions, in their order. */
  readonly answers: readonly Json[];
  /** Which planning of this request it is, from 1. */
  readonly number: number;
}

interface Question {
  /** What an answer is named by. */
  readonly id: string;
  readonly text: string;
}

/** A draft as it is kept for who looks: what would be called, and how good it looked. */
interface Candidate {
  readonly calls: readonly {
    readonly tool: string;
    readonly arguments: JsonObject;
    readonly missing: readonly string[];
  }[];
  readonly probability: number;
  readonly expected: number;
  /** Why it was not taken. */
  readonly findings: readonly string[];
}

export type Planned =
  | {
      readonly kind: "plan";
      readonly rest: RestOfPlan;
      /** For who learns from it. */
      readonly calls: readonly PastCall[];
      readonly candidates: readonly Candidate[];
      readonly estimate: PlanEstimate;
    }
  | {
      readonly kind: "question";
      readonly rest: RestOfPlan;
      readonly questions: readonly Question[];
      readonly candidates: readonly Candidate[];
    }
  | Refusal;

interface Refusal {
  readonly kind: "refusal";
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** How often a request is asked about. */
const MAX_ROUNDS = 5;

export function planned(asked: Asked, grounds: PlanningGrounds): Planned {
  const { values, texts } = answersIn(asked.answers);
  const text = [asked.request, ...texts].join("\n");
  const result = analysed(text, { now: grounds.now });
  if (result.kind === "unreadable") return { kind: "refusal", category: "validation", ...result.why };
  const entries = plannable(grounds);
  const made = { asked, entries, grounds };
  const drafted = drafts(planner(entries, { past: grounds.past, now: grounds.now }), text, grounds.now);
  const filled = drafted.map((draft): Draft => ({
    ...draft,
    calls: withGiven(draft.calls, entries, { answers: values, context: asked.context }),
  }));
  const tried = filled.map((draft) => ({ draft, checked: isWhole(draft) ? written(draft, made) : undefined }));
  const candidates = tried.map(({ draft, checked }) =>
    candidateOf(draft, checked?.ok === false ? checked.findings : []),
  );
  for (const { draft, checked } of tried) {
    if (checked?.ok !== true) continue;
    const estimate = estimated(checked.definition, { durations: historyFrom(grounds.reports), now: grounds.now });
    return { kind: "plan", rest: checked.rest, calls: asPast(draft.calls), candidates, estimate };
  }
  const lacking = filled.find((draft) => !isWhole(draft));
  return lacking === undefined ? unfitting(entries, candidates) : asking(lacking, made, candidates);
}

interface Made {
  readonly asked: Asked;
  readonly entries: readonly CatalogEntry[];
  readonly grounds: PlanningGrounds;
}

/** P3. */
function plannable({ tools, granted, reports }: PlanningGrounds): readonly CatalogEntry[] {
  const { permissions = [], forbidden = [] } = granted;
  const usable = tools.list().filter((tool) => {
    if (tool.name.startsWith(OWN) || isAmong(tool.name, forbidden)) return false;
    return (tool.permissions ?? []).every((permission) => isAmong(permission, permissions));
  });
  return toolCatalog(usable, reports);
}

const OWN = "planwright.";

function isWhole({ calls }: Draft): boolean {
  return calls.length > 0 && calls.every(({ missing }) => missing.length === 0);
}

function written({ calls }: Draft, { entries, grounds, asked }: Made): CheckedRest {
  const { tools, granted } = grounds;
  const done = stepsBefore(asked.number);
  const { steps, outputs } = planSource({ name: REQUEST_PLAN, taken: Object.keys(done) }, calls, entries);
  return checkedRest({ steps: withApprovals(steps, tools), outputs }, { tools, granted, done });
}

/** The planning steps of this request so far, and the questions between; nothing reads what they gave but they themselves. */
function stepsBefore(number: number): JsonObject {
  const again = Array.from({ length: number - 1 }, (_, at) => [askStep(at + 1), planStep(at + 2)]).flat();
  return Object.fromEntries([PLAN_STEP, ...again].map((id) => [id, null]));
}

const askStep = (number: number): string => `ask_${number}`;
const planStep = (number: number): string => `${PLAN_STEP}_${number}`;

function asking(draft: Draft, made: Made, candidates: readonly Candidate[]): Planned {
  const { asked, grounds } = made;
  const questions = questionsOf(draft, made.entries);
  if (asked.number > MAX_ROUNDS) {
    const message = `after ${MAX_ROUNDS} answers this is still missing: ${questions.map(({ id }) => id).join(", ")}`;
    return { kind: "refusal", category: "validation", code: "answers-missing", message };
  }
  const next = asked.number + 1;
  const answers = Array.from({ length: asked.number }, (_, at) => `\${steps.${askStep(at + 1)}.output}`);
  const steps = {
    [askStep(asked.number)]: { signal: ANSWER_SIGNAL, description: questions.map(({ text }) => text).join(" ") },
    [planStep(next)]: planningAgain(next, answers),
  };
  const checked = checkedRest({ steps }, { ...grounds, done: stepsBefore(asked.number) });
  if (!checked.ok) throw new TypeError(`a question cannot be asked: ${checked.findings[0]?.message ?? ""}`);
  return { kind: "question", rest: checked.rest, questions, candidates };
}

function questionsOf({ calls }: Draft, entries: readonly CatalogEntry[]): readonly Question[] {
  return calls.flatMap(({ tool, missing }) =>
    missing.map((name): Question => {
      const entry = entries.find((one) => one.name === tool);
      const described = entry?.parameters.find(({ path }) => path.length === 1 && path[0] === name)?.description ?? "";
      return {
        id: `${tool}.${name}`,
        text: `What is ${name} for ${tool}?${described === "" ? "" : ` (${described})`}`,
      };
    }),
  );
}

function unfitting(entries: readonly CatalogEntry[], candidates: readonly Candidate[]): Refusal {
  const findings = candidates.flatMap((candidate) => candidate.findings);
  const why = findings.length === 0 ? "none of the tools has to do with the request" : findings[0];
  const known = entries.slice(0, 5).map(({ name }) => name);
  const message = `${why}; there are ${entries.length} tools, such as ${known.join(", ")}`;
  return { kind: "refusal", category: "not-found", code: "no-fitting-tool", message };
}

function candidateOf({ calls, probability, expected }: Draft, findings: readonly Complaint[]): Candidate {
  return {
    calls: calls.map(({ tool, arguments: bound, missing }) => ({
      tool,
      arguments: Object.fromEntries(Object.entries(bound).map(([name, source]) => [name, sourceText(source)])),
      missing,
    })),
    probability,
    expected,
    findings: findings.map(({ code, message }) => `${code}: ${message}`),
  };
}

/** Where an argument comes from, with the words that led to it. */
function sourceText(source: Source): JsonObject {
  switch (source.kind) {
    case "output":
      return { from: "output", call: source.call, path: [...source.path] };
    case "said":
      return { from: "said", value: source.value, words: source.said.words };
    case "default":
    case "habit":
    case "model":
      return { from: source.kind, value: source.value };
    case "text":
      return { from: "text", parts: source.parts.map((part) => (typeof part === "string" ? part : sourceText(part))) };
  }
}
