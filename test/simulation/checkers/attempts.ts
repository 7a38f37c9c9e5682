import type { FactOf } from "#events/catalog.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { scopeOf, isUndoPath } from "../story/outline.ts";
import type { StepStory } from "../story/step-story.ts";
import type { Execution } from "../tools/account.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// A1. Attempts without gap, one in flight, none after a success, a final failure or an unknown outcome; one success a step.
// A2. A plan ends when nothing of it is in flight, and afterwards has late reports and comments only, until somebody
//     takes it up.
// A3. What really runs was dispatched, and a step whose success is durable does not run again, except on an executor that
//     stood still so long that it was taken for lost, and then begins what it was sent before.

const AFTER_THE_END: ReadonlySet<string> = new Set([
  "StepLateReported",
  "PlanReopened",
  "PlanRevised",
  "PlanRollbackStarted",
  "PlanCommented",
]);

const ENDS: ReadonlySet<string> = new Set(["PlanSucceeded", "PlanFailed", "PlanCancelled", "PlanRolledBack"]);

const SUCCEEDS: ReadonlySet<string> = new Set(["StepSucceeded", "StepWaitEnded"]);

export class Attempts implements Checker {
  readonly name = "attempts";

  before(told: Told): void {
    const { story, fact } = told;
    if (story.isEnded && !AFTER_THE_END.has(fact.type))
      violated(this, `${textOf(told)} although it is ${story.status}`);
    if (ENDS.has(fact.type)) this.end(told);
    if (!("step" in fact.data)) return;
    const step = story.steps.get(fact.data.step);
    if (fact.type === "StepDispatched") this.dispatch(told, fact, step);
    else if (SUCCEEDS.has(fact.type) && step?.state === "succeeded") {
      violated(this, `${textOf(told)}: an outcome was recorded twice`);
    }
  }

  /** A3. `startedAt`: by the log's clock. */
  ran(execution: Execution, story: PlanStory | undefined): void {
    const { plan, step, tool, on, startedAt } = execution;
    const known = story?.steps.get(step);
    if (!wasDispatched(story, step))
      violated(this, `${tool} ran for ${step} of ${plan} although nothing was dispatched`);
    const succeededAt = this.successes.get(`${plan}/${step}`) ?? Infinity;
    const isOver = known?.state === "succeeded" && known.isDone;
    if (isOver && succeededAt < startedAt && !on.hasStood)
      violated(this, `${step} of ${plan} ran again after its durable success`);
  }

  after({ story, fact, seenAt }: Told): void {
    if (fact.type !== "StepSucceeded") return;
    this.successes.set(`${story.plan}/${fact.data.step}`, seenAt);
  }

  private readonly successes = new Map<string, number>();

  private end(told: Told): void {
    const running = [...told.story.steps.values()].find(({ inFlight }) => inFlight !== undefined);
    if (running !== undefined) violated(this, `${textOf(told)} while ${running.path} is in flight`);
  }

  private dispatch(told: Told, { data }: FactOf<"StepDispatched">, step: StepStory | undefined): void {
    const { attempts = 0, inFlight, state = "pending" } = step ?? {};
    const what = `${textOf(told)}, attempt ${data.attempt}`;
    if (data.attempt !== attempts + 1) violated(this, `${what}, comes after ${attempts}`);
    if (inFlight !== undefined) violated(this, `${what}: two attempts in flight`);
    if (state !== "pending" && state !== "between" && state !== "skipped" && state !== "cancelled") {
      violated(this, `${what}: the step is ${state}`);
    }
  }
}

/** What a step was made of is gone when the step has begun anew, or was taken away. */
function wasDispatched(story: PlanStory | undefined, path: string): boolean {
  if (story === undefined) return false;
  const known = story.steps.get(path);
  if (known !== undefined) return known.attempts > 0;
  return !isUndoPath(path) && (story.edition > 1 || scopeOf(path) !== "");
}
