// Reports of attempts of a step `a`, and the ways in which an attempt ends.
import type { AttemptOutcome } from "#events/commands.ts";
import { inline } from "#events/payload.ts";
import { UNAVAILABLE, WORKER } from "./plans.ts";

export const report = (outcome: AttemptOutcome, attempt = 1, executor = WORKER) => ({
  type: "ReportAttempt" as const,
  step: "a",
  attempt,
  executor,
  outcome,
});
export const success = { kind: "succeeded", output: inline("done") } as const satisfies AttemptOutcome;
export const failure = { kind: "failed", error: UNAVAILABLE } as const satisfies AttemptOutcome;
export const silence = { kind: "timed-out" } as const satisfies AttemptOutcome;
export const stopped = { kind: "cancelled" } as const satisfies AttemptOutcome;
