import type { FactOf } from "#events/catalog.ts";
import type { EachStep, StepDefinition } from "#events/definition.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { isUndoPath, scopeOf } from "../story/outline.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// C1. Nothing starts while the plan is paused (but a question that waits is put anew where a revision has changed what it covers),
//     nor where a step has failed for good, if that stops the others, nor in anything that it is inside of.
// C2. A step starts when its needs let it: all of them, one, or so many have succeeded.
// C3. What is inside of a step ends it as the language says: an `each` succeeds with the items that may fail, a `repeat` and
//     a `call` with none, and a plan with no failed step of its own and nothing left to do.

const STARTS: ReadonlySet<string> = new Set(["StepDispatched", "StepExpanded", "StepWaitStarted"]);

const FINISHED: ReadonlySet<string> = new Set(["succeeded", "skipped", "cancelled"]);

export class Cascades implements Checker {
  readonly name = "cascades";

  before(told: Told): void {
    const { fact } = told;
    if (fact.type === "PlanSucceeded") this.succeedPlan(told);
    else if (fact.type === "StepSucceeded") this.succeed(told, fact);
    else if (fact.type === "StepFailed") this.fail(told, fact);
    if (!STARTS.has(fact.type) || !("step" in fact.data) || isUndoPath(fact.data.step)) return;
    if (isPaused(told)) violated(this, `${textOf(told)} while the plan is paused`);
    const isAnswer = fact.type === "StepExpanded" && fact.data.answers !== undefined;
    if (!isAnswer) this.start(told, fact.data.step);
  }

  private start(told: Told, path: string): void {
    const { story } = told;
    const stopped = stoppedAround(story, path);
    if (stopped !== undefined) violated(this, `${textOf(told)}: ${stopped}`);
    const step = story.outline.stepAt(path);
    const state = story.steps.get(path)?.state ?? "pending";
    if (step === undefined || state !== "pending") return;
    const lacks = needsLacking(story, path, step);
    if (lacks > 0) violated(this, `${textOf(told)} lacks ${lacks} of its needs`);
  }

  private succeed(told: Told, { data }: FactOf<"StepSucceeded">): void {
    const { story } = told;
    const step = story.outline.stepAt(data.step);
    const known = story.steps.get(data.step);
    if (step === undefined || known === undefined || known.isInstead || known.opened === 0) return;
    if (step.kind !== "each" && step.kind !== "repeat" && step.kind !== "call") return;
    const failed = failedMembers(story, data.step).length;
    const mayFail = step.kind === "each" ? tolerated(step, known.total) : 0;
    if (failed > mayFail) violated(this, `${textOf(told)}: ${failed} inside have failed, ${mayFail} may`);
  }

  private fail(told: Told, { data }: FactOf<"StepFailed">): void {
    const { story } = told;
    const { step: path, error } = data;
    const step = story.outline.stepAt(path);
    const failed = failedMembers(story, path).length;
    if (error.code !== "items-failed" || step?.kind !== "each") return;
    const total = story.steps.get(path)?.total ?? 0;
    if (failed <= tolerated(step, total)) violated(this, `${textOf(told)}: ${failed} items have failed, and may`);
  }

  private succeedPlan(told: Told): void {
    const { story } = told;
    for (const { id } of story.outline.definition.steps) {
      const state = story.steps.get(id)?.state ?? "pending";
      const isOver = FINISHED.has(state) || (state === "pending" && standsOnLoser(story, id));
      if (!isOver) violated(this, `${textOf(told)} although ${id} is ${state}`);
    }
  }
}

/** A question in the place of one that waits begins nothing. */
function isPaused({ story, fact }: Told): boolean {
  const isAnew = fact.type === "StepWaitStarted" && story.steps.get(fact.data.step)?.state === "waiting";
  return story.status === "paused" && !isAnew;
}

/** A step that was revised after a race was lost may need one that never comes. */
function standsOnLoser(story: PlanStory, id: string): boolean {
  const needs = story.outline.stepAt(id)?.needs ?? [];
  return needs.some((need) => story.steps.get(need)?.state === "cancelled" || standsOnLoser(story, need));
}

/** Why nothing starts at this path; undefined where it may. */
export function stoppedAround(story: PlanStory, path: string): string | undefined {
  for (let scope = scopeOf(path); ;) {
    const failed = story.stepsIn(scope).find(({ state }) => state === "failed");
    if (failed !== undefined && story.outline.stops(scope)) return `${failed.path} has failed`;
    const owner = story.outline.ownerOf(scope);
    if (owner === undefined) return undefined;
    const ended = whyNotOpen(story, owner);
    if (ended !== undefined) return ended;
    scope = scopeOf(owner);
  }
}

function whyNotOpen(story: PlanStory, path: string): string | undefined {
  const { state, givenUpFor, total } = story.steps.get(path) ?? { state: "pending", givenUpFor: undefined, total: 0 };
  if (state !== "open" && state !== "unknown") return `${path} is ${state}`;
  if (givenUpFor !== undefined) return `${path} was given up`;
  const step = story.outline.stepAt(path);
  const isFailing = step?.kind === "each" && failedMembers(story, path).length > tolerated(step, total);
  return isFailing ? `too many of ${path} have failed` : undefined;
}

/** Scopes inside of a step that have failed and where nothing runs any more. */
function failedMembers(story: PlanStory, path: string): string[] {
  return story.membersOf(path).filter((scope) => {
    return story.stepsIn(scope).some(({ state }) => state === "failed") && !story.isBusy(scope);
  });
}

function tolerated({ tolerate }: EachStep, total: number): number {
  return "count" in tolerate ? tolerate.count : Math.floor(tolerate.share * total);
}

/** How many of its needs a step still waits for. */
function needsLacking(story: PlanStory, path: string, { needs, join }: StepDefinition): number {
  const scope = scopeOf(path);
  const succeeded = needs.filter((need) => {
    return story.steps.get(scope === "" ? need : `${scope}/${need}`)?.state === "succeeded";
  });
  const wanted = join === "all" ? needs.length : Math.min(needs.length, join === "any" ? 1 : join.first);
  return wanted - succeeded.length;
}
