import type { FactOf } from "#events/catalog.ts";
import { planDefinition } from "#events/definition.ts";
import { work, type ReadPayload } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// V1. A revision keeps what has begun: it is still there, and does what it did.
// V2. Editions count without a gap, and every dispatch names the one that it belongs to.

/** States of a step in which nothing of it is under way or done. */
const OPEN: ReadonlySet<string> = new Set(["pending", "skipped", "failed", "cancelled"]);

export class Revisions implements Checker {
  readonly name = "revisions";
  private readonly valueOf: ReadPayload;

  constructor(valueOf: ReadPayload) {
    this.valueOf = valueOf;
  }

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type === "PlanRevised") this.revise(told, fact);
    if (fact.type === "StepDispatched" && fact.data.edition !== story.edition)
      violated(this, `${textOf(told)} names edition ${fact.data.edition}, not ${story.edition}`);
  }

  private revise(told: Told, { data }: FactOf<"PlanRevised">): void {
    const { story } = told;
    if (data.edition !== story.edition + 1) violated(this, `${textOf(told)} makes edition ${data.edition}`);
    const after = planDefinition.parse(this.valueOf(data.definition)).steps;
    for (const step of story.outline.definition.steps) {
      const state = story.steps.get(step.id)?.state ?? "pending";
      if (OPEN.has(state)) continue;
      const becomes = after.find(({ id }) => id === step.id);
      if (becomes === undefined || work(becomes) !== work(step))
        violated(this, `${textOf(told)} changes ${step.id}, which is ${state}`);
    }
  }
}
