import type { FactData, FactType } from "#events/catalog.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import type { KeyedView } from "#projections/keyed-view.ts";

// The view `requests`: one row a plan that answers a request in words. What was asked, what it was planned to, and what came of it:
// the conversation that later requests of a session go on with, and what planning learns from.
//
// Q1. A plan of the name `request` with an input `request` is one. What it was planned to is what its planning steps say.
// Q2. Values that are kept as blobs, and outputs beyond MAX_OUTPUT_CHARS, are not in the row: it stays small.
// Q3. Rows are tagged by their session, and listed by when their plans started.
// Q4. Why nothing was planned is what the planning step failed with for good.

/** The name of plans that answer requests. */
export const REQUEST_PLAN = "request";
/** Rows of requests without a session. */
export const NO_SESSION = "-";

const MAX_OUTPUT_CHARS = 16_384;
const MAX_QUESTION_CHARS = 4_096;
const MAX_REQUEST_CHARS = 8_192;
const MAX_REASON_CHARS = 1_024;

export type RequestRow = {
  readonly request: string;
  readonly session: string;
  /** In ms since the epoch. */
  readonly at: number;
  readonly outcome: "live" | "succeeded" | "failed" | "cancelled";
  /** As the last planning step has it: the request as it stood, and the calls that it was planned to; null before. */
  readonly made: Json;
  /** What was asked back last, where that was the last thing that planning came to. */
  readonly questions?: Json;
  readonly outputs?: Json;
  readonly response?: Json;
  /** Of a request that nothing was planned for. */
  readonly refused?: { readonly code: string; readonly message: string };
};

const READS = [
  ...(["PlanDrafted", "PlanStarted", "StepSucceeded", "StepFailed", "PlanSucceeded", "PlanFailed"] as const),
  "PlanCancelled",
] as const;
const reads: ReadonlySet<FactType> = new Set<FactType>(READS);
const PLANNING_STEP = /^(?:plan(?:_\d+)?|replan_\d+)$/;

const NOTHING: RequestRow = { request: "", session: NO_SESSION, at: 0, outcome: "live", made: null };

export const requestsView: KeyedView<RequestRow, true> = {
  name: "requests",
  version: 3,
  reads,
  memory: {
    key: ({ plan }) => plan,
    evolve: (remembered, { fact }) => {
      if (fact.type === "PlanDrafted") return fact.data.name === REQUEST_PLAN ? true : undefined;
      return remembered;
    },
  },
  key: ({ plan, fact }, remembered) => {
    if (remembered !== true || fact.type === "PlanDrafted") return undefined;
    const isOfStep = fact.type === "StepSucceeded" || fact.type === "StepFailed";
    return isOfStep && !PLANNING_STEP.test(fact.data.step) ? undefined : plan;
  },
  initial: () => NOTHING,
  evolve: (row, { fact, at }) => {
    if (fact.type === "PlanStarted") return { ...row, ...askedIn(fact.data.inputs), at };
    if (fact.type === "StepSucceeded") return planned(row, fact.data.output);
    if (fact.type === "StepFailed") return refused(row, fact.data);
    if (fact.type === "PlanFailed") return { ...row, outcome: "failed" };
    if (fact.type === "PlanCancelled") return { ...row, outcome: "cancelled" };
    return fact.type === "PlanSucceeded" ? answered(row, fact.data) : row;
  },
  columns: ({ session, at }) => ({ tag: session, rank: at }),
};

function planned({ questions: _, ...row }: RequestRow, output: Payload): RequestRow {
  const questions = memberOf(output, "questions");
  return {
    ...row,
    made: memberOf(output, "made") ?? row.made,
    ...(questions === undefined || JSON.stringify(questions).length > MAX_QUESTION_CHARS ? {} : { questions }),
  };
}

/** Q4. */
function refused(row: RequestRow, { error, next }: FactData<"StepFailed">): RequestRow {
  if (next.kind !== "final") return row;
  return { ...row, refused: { code: error.code, message: error.message.slice(0, MAX_REASON_CHARS) } };
}

function answered(row: RequestRow, { outputs, response }: FactData<"PlanSucceeded">): RequestRow {
  return { ...row, outcome: "succeeded", ...small("outputs", outputs), ...small("response", response) };
}

function askedIn(inputs: Payload): Pick<RequestRow, "request" | "session"> {
  const request = memberOf(inputs, "request");
  const session = memberOf(inputs, "session");
  return {
    request: typeof request === "string" ? request.slice(0, MAX_REQUEST_CHARS) : "",
    session: typeof session === "string" && session !== "" ? session : NO_SESSION,
  };
}

function memberOf(source: Payload, name: string): Json | undefined {
  return "inline" in source && isJsonObject(source.inline) ? source.inline[name] : undefined;
}

/** Q2. */
function small(name: "outputs" | "response", source: Payload | undefined): Partial<RequestRow> {
  if (source === undefined || !("inline" in source)) return {};
  return JSON.stringify(source.inline).length > MAX_OUTPUT_CHARS ? {} : { [name]: source.inline };
}
