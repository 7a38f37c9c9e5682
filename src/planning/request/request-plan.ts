import type { Json, JsonObject } from "#events/json.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";

// A request in words as a plan: its first step writes the others, and where steps fail for good the rest is planned anew. What was
// asked, and what came with it, are inputs, so that a history shows them and planning again reads the same.

/** Names of the tools that plan (planning-tools.ts). */
export const PLAN_TOOL = "planwright.plan";

export const REPLAN_TOOL = "planwright.replan";

/** The analysis refuses requests of far fewer characters; this bounds what is taken in of one. */
export const MAX_REQUEST_CHARS = 1_048_576;

/** The step that writes the others. */
export const PLAN_STEP = "plan";
/** The signal that brings the answer to a question. */
export const ANSWER_SIGNAL = "answer";

export interface Request {
  readonly request: string;
  /** Values that go with it, by name: data, never instructions. */
  readonly context?: JsonObject | undefined;
  /** Name of the conversation that it belongs to. */
  readonly session?: string | undefined;
  /** Tools that must not be used for it. */
  readonly without?: readonly string[] | undefined;
  /** In the order in which they were asked. */
  readonly earlier?: readonly JsonObject[] | undefined;
}

/** Inputs of a plan that answers a request. */
export const REQUEST_INPUTS: JsonObject = {
  request: { type: "string", description: "What is asked, in words." },
  context: { type: "object", default: {}, description: "Values that go with it, by name." },
  session: { type: "string", default: "", description: "The conversation that it belongs to." },
  without: { type: "array", items: { type: "string" }, default: [], description: "Tools that must not be used." },
  earlier: { type: "array", items: { type: "object" }, default: [], description: "Requests of before in the session." },
};

const ARGUMENTS: JsonObject = {
  request: "${inputs.request}",
  context: "${inputs.context}",
  without: "${inputs.without}",
  earlier: "${inputs.earlier}",
};

const MAX_REPLANS = 3;

/** The answer where planning comes to nothing: why, which says what to do as well. */
export const REFUSED: JsonObject = { $failed: '${failed.map(f, f.reason).join("; ")}.' };

/** The plan in its language. */
export const REQUEST_SOURCE: JsonObject = {
  plan: REQUEST_PLAN,
  inputs: REQUEST_INPUTS,
  steps: {
    [PLAN_STEP]: {
      tool: PLAN_TOOL,
      description: "finds out what is asked, and writes the steps that do it",
      with: { ...ARGUMENTS, session: "${inputs.session}" },
      revises: true,
    },
  },
  respond: REFUSED,
  replan: { tool: REPLAN_TOOL, with: ARGUMENTS, max: MAX_REPLANS },
};

/** What the plan is started with. */
export function requestInputs({ request, context, session, without, earlier }: Request): JsonObject {
  return {
    request,
    ...(context === undefined ? {} : { context }),
    ...(session === undefined ? {} : { session }),
    ...(without === undefined ? {} : { without: [...without] }),
    ...(earlier === undefined ? {} : { earlier }),
  };
}

/** The step that plans on when somebody has answered; `answers` are references to what they said. */
export function planningAgain(number: number, answers: readonly string[]): JsonObject {
  return {
    tool: PLAN_TOOL,
    description: "plans on with what was answered",
    with: { ...ARGUMENTS, session: "${inputs.session}", answers: [...answers], number },
    revises: true,
  };
}

/** The step that goes on when somebody has said what to do instead. */
export function replanningAgain(failure: Json, answers: readonly Json[]): JsonObject {
  return {
    tool: REPLAN_TOOL,
    description: "goes on with what was answered",
    with: { ...ARGUMENTS, failure, answers: [...answers] },
    revises: true,
  };
}
