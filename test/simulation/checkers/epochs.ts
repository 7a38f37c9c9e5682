import type { PlanStory } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// E1. What a plan's stream says of its owners never goes back: what an owner decided never follows what a later one did.

export class Epochs implements Checker {
  readonly name = "epochs";
  private readonly newest = new Map<PlanStory["plan"], number>();

  after(told: Told): void {
    const { story, fact } = told;
    if (!("epoch" in fact.data)) return;
    const { epoch } = fact.data;
    const newest = this.newest.get(story.plan) ?? 0;
    if (epoch < newest) violated(this, `${textOf(told)} is of epoch ${epoch}, after epoch ${newest}`);
    this.newest.set(story.plan, epoch);
  }
}
