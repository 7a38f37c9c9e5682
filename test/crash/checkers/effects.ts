import type { RecordedEvent } from "#events/envelope.ts";
import { planOfStream } from "#events/streams.ts";
import { decode, type Fact } from "#events/catalog.ts";
import type { PlanStory } from "../../simulation/story/plan-story.ts";
import { Breach } from "../breach.ts";
import { mustNotRepeat, type Entry, type Ledger } from "../ledger.ts";
import type { Law } from "./law.ts";

// What really happened against what the log says. The ledger is read first, then the log: it cannot be ahead.
//
// E1. No tool begins more often than its step was dispatched.
// E2. A durable success does not run again, and its effect is there.
// E3. What must not be repeated begins a second time only after a fact that lets it: an answered failure, somebody's word, or
//     a plan that says `unknown: retry`.
// E4. So has an undo call that succeeded.

interface Times {
  readonly dispatches: number[];
  readonly successes: number[];
}

export class Effects {
  private readonly law: Law;
  private readonly ledger: Ledger;
  /** Moments at which a step was let to begin again, by plan and step; `*` for all of a plan. */
  private readonly leaves = new Map<string, number[]>();
  /** When each step was dispatched and has succeeded, by plan and step. */
  private readonly times = new Map<string, Times>();
  private followed = 0;

  constructor(law: Law, ledger: Ledger) {
    this.law = law;
    this.ledger = ledger;
  }

  /** `fresh` is what was added to the ledger since the last time; the log was followed to where it was after that. */
  check(fresh: readonly Entry[]): void {
    this.follow();
    const begun = fresh.filter(({ what }) => what === "begun");
    for (const entry of begun) this.checkSuccess(entry);
    for (const entry of begun) this.countBeginnings(entry);
    for (const entry of begun.filter(mustNotRepeat)) this.checkLeave(entry);
  }

  /** E2 and E4, when nothing moves any more. */
  checkEnd(): void {
    for (const story of this.law.stories.values()) {
      for (const step of story.steps.values()) {
        if (step.state !== "succeeded" || !step.isDone) continue;
        const tool = toolAt(story, step.path);
        if (tool === undefined || this.ledger.of(story.plan, step.path).some(({ what }) => what === "done")) continue;
        throw new Breach("effects", `${step.path} of ${story.plan} has succeeded, and ${tool} has had no effect`);
      }
    }
  }

  private checkSuccess({ plan, step, tool, at }: Entry): void {
    const { dispatches = [], successes = [] } = this.times.get(`${plan}/${step}`) ?? {};
    const success = successes.findLast((time) => time < at);
    if (success === undefined || dispatches.some((time) => time >= success && time <= at)) return;
    throw new Breach("effects", `${tool} began for ${step} of ${plan} ${at - success} ms after its durable success`);
  }

  private countBeginnings({ plan, step, tool }: Entry): void {
    const begun = this.ledger.of(plan, step).filter(({ what }) => what === "begun").length;
    const dispatched = this.law.stories.get(plan)?.steps.get(step)?.attempts ?? 0;
    if (begun > dispatched)
      throw new Breach(
        "effects",
        `${tool} began ${begun} times for ${step} of ${plan}, dispatched ${dispatched} times`,
      );
  }

  private checkLeave({ plan, step, tool, at }: Entry): void {
    const before = this.ledger.of(plan, step).findLast((entry) => entry.what === "begun" && entry.at < at);
    if (before === undefined) return;
    const leaves = [...(this.leaves.get(`${plan}/${step}`) ?? []), ...(this.leaves.get(`${plan}/*`) ?? [])];
    if (leaves.some((leave) => leave >= before.at && leave <= at)) return;
    throw new Breach("silent-second-run", `${tool} began again for ${step} of ${plan} after ${at - before.at} ms`);
  }

  private follow(): void {
    for (const event of this.law.log.slice(this.followed)) {
      const plan = planOfStream(event.stream);
      const fact = decode(event);
      if (fact.type === "StepDispatched") this.timesOf(plan, fact.data.step).dispatches.push(timeOf(event));
      if (fact.type === "StepSucceeded") this.timesOf(plan, fact.data.step).successes.push(timeOf(event));
      const step = leaveIn(fact, this.law.stories.get(plan ?? ""));
      if (step === undefined) continue;
      const key = `${plan}/${step}`;
      this.leaves.set(key, [...(this.leaves.get(key) ?? []), timeOf(event)]);
    }
    this.followed = this.law.log.length;
  }

  private timesOf(plan: string | undefined, step: string): Times {
    const key = `${plan}/${step}`;
    const times = this.times.get(key) ?? { dispatches: [], successes: [] };
    this.times.set(key, times);
    return times;
  }
}

/** The step that the fact lets begin again. */
function leaveIn(fact: Fact, story: PlanStory | undefined): string | undefined {
  if (fact.type === "PlanReopened") return "*";
  if (fact.type === "StepOutcomeResolved") return fact.data.resolution.kind === "retry" ? fact.data.step : undefined;
  if (fact.type !== "StepFailed" && fact.type !== "StepLost" && fact.type !== "StepTimedOut") return undefined;
  const isAnswered = fact.type === "StepFailed" && fact.data.isSilent !== true;
  return isAnswered || trusts(story, fact.data.step) ? fact.data.step : undefined;
}

/** Whether the plan itself says that an unknown outcome is tried again. */
function trusts(story: PlanStory | undefined, path: string): boolean {
  const step = story?.outline.stepAt(path);
  return step?.kind === "tool" && step.unknown === "retry";
}

function timeOf({ origin }: RecordedEvent): number {
  return origin.occurredAt;
}

/** The tool of the step where its effects are in the ledger. */
function toolAt(story: PlanStory, path: string): string | undefined {
  const undone = story.steps.get(path)?.undoes;
  const step = story.outline.stepAt(undone ?? path);
  if (step?.kind !== "tool") return undefined;
  const tool = undone === undefined ? step.call.tool : step.undo?.call.tool;
  return tool !== undefined && COUNTED.has(tool) ? tool : undefined;
}

const COUNTED: ReadonlySet<string> = new Set(["effects.once", "effects.again", "effects.flaky", "effects.take-back"]);
