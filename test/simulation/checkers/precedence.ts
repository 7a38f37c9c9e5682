import type { Fact, FactOf } from "#events/catalog.ts";
import type { StepDefinition, ToolStep } from "#events/definition.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// F1. Of two steps of a plan that wait for nothing but a slot, the one with the higher priority starts first, and of equal
//     ones the one that could start first. Judged where nothing else can hold a step up: the plan's own tool steps without a
//     pool, key, resource or approval.

interface Ready {
  readonly step: ToolStep;
  /** Which append brought the fact that let it start: facts of one have one time, and times may go back. */
  readonly since: number;
}

/** Whoever takes the plan up anew finds what is ready in another order. */
const SHUFFLES: ReadonlySet<string> = new Set([
  "PlanPaused",
  "PlanResumed",
  "PlanReopened",
  "PlanRevised",
  "PlanRollbackStarted",
  "PlanCancelRequested",
  "StepOutcomeGiven",
]);

export class Precedence implements Checker {
  readonly name = "precedence";
  private readonly ready = new Map<PlanStory, Map<string, Ready>>();
  /** Appends so far, and the last one. */
  private appends = 0;
  private batch = "";

  before(told: Told): void {
    const { story, fact, event } = told;
    if (event.origin.batch !== this.batch) this.appends++;
    this.batch = event.origin.batch;
    if (fact.type === "StepDispatched" && story.status === "running") this.dispatch(told, fact);
    if (SHUFFLES.has(fact.type)) this.ready.delete(story);
  }

  after({ story, fact }: Told): void {
    const ready = this.ready.get(story) ?? new Map<string, Ready>();
    this.ready.set(story, ready);
    for (const { id } of story.outline.definition.steps) {
      if (ready.has(id) && !isWaiting(story, id)) ready.delete(id);
    }
    for (const step of story.outline.definition.steps.filter((one) => mayBegin(one, fact))) {
      if (isPlain(story, step) && isWaiting(story, step.id) && !ready.has(step.id) && canStart(story, step))
        ready.set(step.id, { step, since: this.appends });
    }
  }

  private dispatch(told: Told, { data }: FactOf<"StepDispatched">): void {
    const started = told.story.outline.definition.steps.find(({ id }) => id === data.step);
    if (started === undefined) return;
    const ready = [...(this.ready.get(told.story)?.values() ?? [])];
    const since = ready.find(({ step }) => step.id === data.step)?.since ?? 0;
    const { priority = 0 } = started;
    const first = ready.find((other) => isBefore(other, { priority, since }));
    if (first !== undefined) violated(this, `${textOf(told)}, of priority ${priority}, goes before ${first.step.id}`);
  }
}

function isBefore(other: Ready, own: { readonly priority: number; readonly since: number }): boolean {
  const { priority = 0 } = other.step;
  return priority > own.priority || (priority === own.priority && other.since < own.since);
}

/** Whether the fact may be the last that the step has waited for. */
function mayBegin({ needs }: StepDefinition, { type, data }: Fact): boolean {
  return type === "PlanStarted" ? needs.length === 0 : type === "StepSucceeded" && needs.includes(data.step);
}

function isPlain(story: PlanStory, step: StepDefinition): step is ToolStep {
  if (step.kind !== "tool" || step.pool !== undefined) return false;
  if (step.key !== undefined || step.uses !== undefined) return false;
  const needsApproval = step.needs.some((need) => story.outline.stepAt(need)?.kind === "approve");
  return !needsApproval && step.join === "all";
}

function isWaiting(story: PlanStory, id: string): boolean {
  return (story.steps.get(id)?.state ?? "pending") === "pending";
}

function canStart(story: PlanStory, { needs }: StepDefinition): boolean {
  return needs.every((need) => story.steps.get(need)?.state === "succeeded");
}
