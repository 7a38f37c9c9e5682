import type { FactOf } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { isUndoPath } from "../story/outline.ts";
import type { StepStory } from "../story/step-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// R1. A step is taken back only after all that stood on it, and only in a rollback.
// R2. Only what may have happened is taken back, and nothing twice.
// R3. Of what was rolled back nothing stays done that can be undone; what cannot be was named before anything ran.
// R4. While a plan is rolled back nothing else starts.

/** Steps that one fact names. */
const MAX_NAMED = 100;

const STARTS: ReadonlySet<string> = new Set(["StepDispatched", "StepExpanded", "StepWaitStarted"]);

export class Rollbacks implements Checker {
  readonly name = "rollbacks";
  /** What may have happened of a plan when the calls of its rollback were listed. */
  private readonly listed = new Map<PlanStory, ReadonlySet<string>>();

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type === "PlanRollbackStarted") this.start(told, fact);
    else if (fact.type === "PlanRolledBack") this.finish(told);
    else if (STARTS.has(fact.type) && "step" in fact.data) {
      const isUndo = isUndoPath(fact.data.step);
      const isRollingBack = story.status === "rolling-back";
      if (isUndo !== isRollingBack) violated(this, `${textOf(told)} while the plan is ${story.status}`);
      if (isUndo && fact.type === "StepExpanded") this.list(story);
      if (fact.type === "StepDispatched" && fact.data.undoes !== undefined) this.undo(told, fact.data.undoes);
    }
  }

  private start(told: Told, { data }: FactOf<"PlanRollbackStarted">): void {
    const { story } = told;
    if (data.irreversible.length >= MAX_NAMED) return;
    const inPart = story.outline.part(data);
    for (const step of story.steps.values()) {
      const definition = story.outline.stepAt(step.path);
      if (!isIn(inPart, step.path) || definition?.kind !== "tool" || definition.irreversible !== true) continue;
      if (step.isDone && step.mayHaveEffect && !data.irreversible.includes(step.path))
        violated(this, `${textOf(told)} does not name ${step.path}, which nothing takes back`);
    }
  }

  private list(story: PlanStory): void {
    const steps = [...story.steps.values()].filter(({ mayHaveEffect }) => mayHaveEffect);
    this.listed.set(story, new Set(steps.map(({ path }) => path)));
  }

  private undo(told: Told, target: string): void {
    const { story } = told;
    const step = story.steps.get(target);
    const what = `${textOf(told)}, which takes back ${target}`;
    if (story.status !== "rolling-back") violated(this, `${what}: the plan is ${story.status}`);
    if (step === undefined) violated(this, `${what}: it never was`);
    if (step.isUndone) violated(this, `${what}: it was taken back before`);
    if (this.listed.get(story)?.has(target) !== true)
      violated(this, `${what}: nothing of it has happened, it is ${step.state}`);
    const first = [...story.steps.values()].find((other) => this.mustBeBefore(story, other, target));
    if (first !== undefined) violated(this, `${what}: ${first.path} stands on it, and is not taken back yet`);
  }

  /** Whether another step, which stands on the target, is to be taken back and has not had its attempts. */
  private mustBeBefore(story: PlanStory, other: StepStory, target: string): boolean {
    if (!other.isDone || other.isUndone || !canBeUndone(story.outline.stepAt(other.path))) return false;
    if (!isIn(story.outline.part(story.rollback ?? {}), other.path)) return false;
    if (!story.outline.isBefore(target, other.path)) return false;
    const undo = this.undoOf(story, other.path);
    return undo?.state !== "failed";
  }

  /** The call of this rollback. */
  private undoOf(story: PlanStory, path: string): StepStory | undefined {
    const within = `undo:${story.rollback?.number ?? 0}/`;
    return [...story.steps.values()].find((step) => step.undoes === path && step.path.startsWith(within));
  }

  private finish(told: Told): void {
    const { story } = told;
    const inPart = story.outline.part(story.rollback ?? {});
    for (const step of story.steps.values()) {
      if (!isIn(inPart, step.path) || !canBeUndone(story.outline.stepAt(step.path))) continue;
      if (step.isDone && !step.isUndone) violated(this, `${textOf(told)} although ${step.path} stays done`);
    }
  }
}

function isIn(part: ReadonlySet<string>, path: string): boolean {
  return part.has(path.split(/[/~]/)[0] ?? "");
}

function canBeUndone(step: StepDefinition | undefined): boolean {
  return step?.kind === "tool" && step.undo !== undefined;
}
