// What the scenes share: the shape of a scene, and short words for the steps, commands and outcomes that they use.
import type { AttemptOutcome, CommandOf } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import { INVALID, planOf, THRICE, tool, UNAVAILABLE, WORKER } from "../../machines/plans.ts";
import type { Claim, Ignored } from "../history.ts";

export interface Scene {
  readonly claims: readonly Claim[];
  readonly ignored: readonly Ignored[];
}

/** Midnight of 1 January 2026, UTC: when every recorded plan starts. */
export const START = Date.UTC(2026, 0, 1);

export const SUCCESS: AttemptOutcome = { kind: "succeeded", output: inline("done") };
export const FAILURE: AttemptOutcome = { kind: "failed", error: UNAVAILABLE };
export const HOPELESS: AttemptOutcome = { kind: "failed", error: INVALID };

type PlanFields = Parameters<typeof planOf>[1] & {
  /** Values of the plan's inputs. */
  readonly given?: Record<string, Json>;
};

export function start(driver: Driver, steps: readonly StepDefinition[], fields: PlanFields = {}): void {
  const { given = {}, ...rest } = fields;
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, rest), inputs: given }] });
}

export function report(outcome: AttemptOutcome, attempt = 1, executor = WORKER): CommandOf<"ReportAttempt"> {
  return { type: "ReportAttempt", step: "a", attempt, executor, outcome };
}

export const lose = { type: "LoseAttempt", step: "a", attempt: 1, executor: WORKER } as const;
export const now = START + 1;
export const risky = tool("a", {}, { idempotent: false });
export const patient = tool("a", { retry: THRICE });
export const after = tool("b", { needs: ["a"] });
