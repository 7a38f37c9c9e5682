import type { PlanStory } from "../story/plan-story.ts";
import { isUndoPath, scopeOf } from "../story/outline.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// W1. Of an `each` never more items are under way than its concurrency says, of a `repeat` one iteration.
// W2. Members open one after the other without a gap, and no more than there are.

const STARTS: ReadonlySet<string> = new Set(["StepDispatched", "StepExpanded", "StepWaitStarted"]);

const UNDER_WAY: ReadonlySet<string> = new Set(["running", "waiting", "open", "between", "unknown"]);

export class Windows implements Checker {
  readonly name = "windows";

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type !== "StepExpanded" || isUndoPath(fact.data.step)) return;
    const { step, from, to, total } = fact.data;
    const known = story.steps.get(step) ?? { opened: 0, total: 0 };
    if (from !== known.opened || to <= from)
      violated(this, `${textOf(told)} opens ${from} to ${to} after ${known.opened}`);
    if (to > (total ?? known.total)) violated(this, `${textOf(told)} opens ${to}, which is more than there are`);
  }

  after(told: Told): void {
    const { story, fact } = told;
    if (!STARTS.has(fact.type) || !("step" in fact.data) || isUndoPath(fact.data.step)) return;
    for (let scope = scopeOf(fact.data.step); scope !== "";) {
      const owner = story.outline.ownerOf(scope);
      if (owner === undefined) return;
      this.count(told, owner);
      scope = scopeOf(owner);
    }
  }

  private count(told: Told, path: string): void {
    const { story } = told;
    const step = story.outline.stepAt(path);
    if (step?.kind !== "each" && step?.kind !== "repeat") return;
    const most = step.kind === "each" ? step.concurrency : 1;
    const busy = membersUnderWay(story, path);
    if (busy.length > most) violated(this, `${textOf(told)}: ${busy.join(", ")} are under way, ${most} may be`);
  }
}

/** Scopes inside a step where something is under way that may still go on. */
function membersUnderWay(story: PlanStory, path: string): string[] {
  return story.membersOf(path).filter((scope) => {
    const steps = story.stepsIn(scope);
    const isOver = steps.some(({ state }) => state === "failed") && !story.isBusy(scope);
    return !isOver && steps.some(({ state, isResting }) => UNDER_WAY.has(state) && !isResting);
  });
}
