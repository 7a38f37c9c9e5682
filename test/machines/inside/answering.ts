// Executors that answer every attempt at once, as a test says, until nothing runs any more.
import type { AttemptOutcome } from "#events/commands.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { pathAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import type { Driver } from "../driver.ts";
import { UNAVAILABLE, WORKER } from "../plans.ts";

/** Gives what the step's attempt comes to; by default its arguments are its output. */
type Answer = (step: string, args: Json) => AttemptOutcome | Json;

export const FAILS: AttemptOutcome = { kind: "failed", error: UNAVAILABLE };

/** Most turns of one test. */
const MAX_TURNS = 20_000;

export function answerAll(driver: Driver, answer: Answer = (_, args) => args): void {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const [index] = driver.state.running;
    if (index === undefined) return;
    answerOne(driver, pathAt(driver.state, index), answer);
  }
  throw new Error("the plan goes on without end");
}

export function answerOne(driver: Driver, step: string, answer: Answer = (_, args) => args): void {
  const record = driver.state.steps[stepIndex(driver.state, step)];
  const args = record?.dispatched?.args;
  const said = answer(step, args !== undefined && "inline" in args ? args.inline : null);
  const outcome: AttemptOutcome = isOutcome(said) ? said : { kind: "succeeded", output: inline(said) };
  const attempt = record?.chart.context.attempt ?? 0;
  driver.turn({ commands: [{ type: "ReportAttempt", step, attempt, executor: WORKER, outcome }] });
}

/** The paths of the steps that run. */
export function running(driver: Driver): string[] {
  return [...driver.state.running].map((index) => pathAt(driver.state, index));
}

function isOutcome(said: AttemptOutcome | Json): said is AttemptOutcome {
  return typeof said === "object" && said !== null && "kind" in said;
}
