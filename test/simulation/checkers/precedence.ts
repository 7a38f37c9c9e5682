import type { Fact, FactOf } from "#events/catalog.ts";
import type { StepDefinition, ToolStep } from "#events/definition.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// F1. Of two steps of a plan that wait for nothing but a slot, the one with the higher priority starts first, and of equal
//     ones the one that could start first. Judged where nothing else can hold a step up: the plan's own tool steps without a
//     pool, key, resource, condition or approval.

interface Ready {
  readonly step: ToolStep;
  /** When the fact was recorded that let it start. */
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

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type === "StepDispatched" && story.status === "running") this.dispatch(told, fact);
    if (SHUFFLES.has(fact.type)) this.ready.delete(story);
  }

  after({ story, fact, event }: Told): void {
    const ready = this.ready.get(story) ?? new Map<string, Ready>();
    this.ready.set(story, ready);
    for (const { id } of story.outline.definition.steps) {
      if (ready.has(id) && !isWaiting(story, id)) ready.delete(id);
    }
    for (const step of story.outline.definition.steps.filter((one) => mayBegin(one, fact))) {
      if (isPlain(story, step) && isWaiting(story, step.id) && !ready.has(step.id) && canStart(story, step))
        ready.set(step.id, { step, since: event.origin.occurredAt });
    }
  }

  private dispatch(told: Told, { data }: FactOf<"StepDispatched">): void {
    const ready = this.ready.get(told.story);
    const own = ready?.get(data.step);
    if (ready === undefined || own === undefined) return;
    const priority = own.step.priority ?? 0;
    for (const [id, { step, since }] of ready) {
      const other = step.priority ?? 0;
      const isFirst = other > priority ? since < told.event.origin.occurredAt : other === priority && since < own.since;
      if (isFirst) violated(this, `${textOf(told)} goes before ${id}, which was ready at ${since}, not ${own.since}`);
    }
  }
}

/** Whether the fact may be the last that the step has waited for. */
function mayBegin({ needs }: StepDefinition, { type, data }: Fact): boolean {
  return type === "PlanStarted" ? needs.length === 0 : type === "StepSucceeded" && needs.includes(data.step);
}

function isPlain(story: PlanStory, step: StepDefinition): step is ToolStep {
  if (step.kind !== "tool" || step.when !== undefined || step.pool !== undefined) return false;
  if (step.key !== undefined || step.uses !== undefined || step.deadlineMs !== undefined) return false;
  const needsApproval = step.needs.some((need) => story.outline.stepAt(need)?.kind === "approve");
  return !needsApproval && step.join === "all";
}

function isWaiting(story: PlanStory, id: string): boolean {
  return (story.steps.get(id)?.state ?? "pending") === "pending";
}

function canStart(story: PlanStory, { needs }: StepDefinition): boolean {
  return needs.every((need) => story.steps.get(need)?.state === "succeeded");
}
