import { fact, type StepFact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { executorId } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import type { Next } from "#events/step-facts.ts";

// The kinds of step facts that the step chart tells apart, with one example of each: what its guards look at.
// The examples carry no meaning of their own; a variant without one would have no row in the table.

type Plain = Exclude<
  StepFact["type"],
  | "StepFailed"
  | "StepTimedOut"
  | "StepLost"
  | "StepLateReported"
  | "StepOutcomeResolved"
  | "StepOutcomeGiven"
  | "StepWaitEnded"
>;

export type StepVariant =
  | Plain
  | `${"StepFailed" | "StepTimedOut" | "StepLost"}:${Next["kind"]}`
  | `StepLateReported:${boolean}`
  | `StepOutcomeResolved:${"done" | "retry" | "fail" | "ask"}`
  | `StepWaitEnded:${"starts" | "ends"}`
  | `StepOutcomeGiven:${"done" | "skipped"}`;

export function variantOf(source: StepFact): StepVariant {
  if (source.type === "StepFailed" || source.type === "StepTimedOut" || source.type === "StepLost") {
    return `${source.type}:${source.data.next.kind}`;
  }
  if (source.type === "StepLateReported") return `StepLateReported:${source.data.adopted}`;
  if (source.type === "StepOutcomeResolved") return `StepOutcomeResolved:${source.data.resolution.kind}`;
  if (source.type === "StepWaitEnded") return `StepWaitEnded:${source.data.starts === true ? "starts" : "ends"}`;
  if (source.type === "StepOutcomeGiven") return `StepOutcomeGiven:${source.data.outcome.kind}`;
  return source.type;
}

const attempt = { step: "example", attempt: 1 };
const executor = executorId.parse("example");
const error = errorOf("unknown", "example", "");
const output = inline(null);
const call = { tool: "example", toolVersion: "1.0.0", args: output, argsHash: "", idempotent: true, timeoutMs: 1 };

const NEXTS: readonly Next[] = [
  { kind: "retry", dueAt: 0, delayMs: 0 },
  { kind: "fallback", index: 0 },
  { kind: "unknown", policy: "ask" },
  { kind: "final" },
  { kind: "cancelled" },
];

const lateReport = { ...attempt, executor, outcome: { kind: "succeeded", output }, undoDue: false } as const;

/** One fact of every variant. */
export const STEP_EXAMPLES: readonly StepFact[] = [
  fact("StepDispatched", { ...attempt, ...call, executor, epoch: 0, edition: 1, alternative: -1 }),
  fact("StepSucceeded", { ...attempt, output }),
  fact("StepSkipped", { step: "example", reason: { kind: "when" } }),
  fact("StepExpanded", { step: "example", from: 0, to: 1 }),
  fact("StepWindowClosed", { step: "example", from: 0, to: 1, outputs: [] }),
  fact("StepWaitStarted", { step: "example", dueAt: 0 }),
  fact("StepReviewed", { step: "example", hash: "", by: "os:example", verdict: "approved" }),
  fact("StepWaitEnded", { step: "example" }),
  fact("StepWaitEnded", { step: "example", starts: true }),
  fact("StepCancelRequested", { step: "example", because: "other" }),
  fact("StepCancelled", attempt),
  ...NEXTS.map((next) => fact("StepFailed", { ...attempt, error, next })),
  ...NEXTS.map((next) => fact("StepTimedOut", { ...attempt, bound: "attempt", next })),
  ...NEXTS.map((next) => fact("StepLost", { ...attempt, executor, next })),
  fact("StepLateReported", { ...lateReport, adopted: true }),
  fact("StepLateReported", { ...lateReport, adopted: false }),
  fact("StepOutcomeGiven", { step: "example", outcome: { kind: "done", output } }),
  fact("StepOutcomeGiven", { step: "example", outcome: { kind: "skipped" } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "done", output } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "retry", dueAt: 0 } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "fail", error } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "ask" } }),
];
