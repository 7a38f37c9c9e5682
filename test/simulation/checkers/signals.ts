import type { PlanStory, SignalStory } from "../story/plan-story.ts";
import type { StepStory } from "../story/step-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";
import { stoppedAround } from "./cascades.ts";

// S1. A signal goes to one wait of its name, or is kept, or expires when its time has come: never two of these, never none.
// S2. Of those with one name the first that came is taken first.
// S3. One that is kept reaches the step that waits for it: at once, whoever came first.
// S4. What its sender was told is accepted is in the log, once, however often it was sent.

/** How long a coordinator may need to put a signal and its wait together, with everything that may go wrong before. */
const PUT_TOGETHER_WITHIN_MS = 45_000;

export class Signals implements Checker {
  readonly name = "signals";
  /** Since when a wait and a kept signal have been there together. */
  private readonly together = new Map<PlanStory, Map<string, number>>();

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type === "SignalReceived") this.receive(told, fact.data.number, fact.data.id);
    else if (fact.type === "SignalExpired") this.expire(told, fact.data.number);
    else if (fact.type === "StepWaitEnded" && fact.data.signal !== undefined) this.deliver(told, fact.data.signal);
    else if (fact.type === "StepWaitEnded" && story.steps.get(fact.data.step)?.wait?.signal !== undefined)
      violated(this, `${textOf(told)} without a signal`);
  }

  after({ story, seenAt }: Told): void {
    this.watch(story, seenAt);
  }

  /** S4. */
  accepted(story: PlanStory, id: string): void {
    if (![...story.signals.values()].some((signal) => signal.id === id))
      violated(this, `${id} was accepted by ${story.plan.slice(-4)} and is not in its log`);
  }

  /** S3, at any time. */
  watch(story: PlanStory, now: number): void {
    const before = this.together.get(story);
    const together = new Map<string, number>();
    this.together.set(story, together);
    if (story.status !== "running") return;
    for (const { name } of keptOf(story)) {
      for (const { path } of waitingFor(story, name)) {
        const since = before?.get(path) ?? now;
        together.set(path, since);
        if (now - since > PUT_TOGETHER_WITHIN_MS)
          violated(this, `${path} of ${story.plan.slice(-4)} waits for ${name}, which is kept`);
      }
    }
  }

  private receive(told: Told, number: number, id: string | undefined): void {
    const { signals } = told.story;
    if (number !== signals.size + 1) violated(this, `${textOf(told)} has the number ${number} after ${signals.size}`);
    if (id !== undefined && [...signals.values()].some((known) => known.id === id))
      violated(this, `${textOf(told)}: ${id} was received before`);
  }

  private expire(told: Told, number: number): void {
    const { story, event } = told;
    const signal = this.kept(told, number);
    if (signal.expiresAt > event.origin.occurredAt) violated(this, `${textOf(told)} expires too early`);
    const [waiting] = waitingFor(story, signal.name);
    if (waiting !== undefined) violated(this, `${textOf(told)} although ${waiting.path} waits for ${signal.name}`);
  }

  private deliver(told: Told, number: number): void {
    const { story, fact } = told;
    const signal = this.kept(told, number);
    const wait = "step" in fact.data ? story.steps.get(fact.data.step)?.wait : undefined;
    if (wait?.signal !== signal.name)
      violated(this, `${textOf(told)} takes ${signal.name}, waited for ${wait?.signal}`);
    const first = keptOf(story).find(({ name }) => name === signal.name);
    if (first !== signal) violated(this, `${textOf(told)} takes a signal before one that came earlier`);
  }

  private kept(told: Told, number: number): SignalStory {
    const signal = told.story.signals.get(number);
    if (signal === undefined) violated(this, `${textOf(told)} names signal ${number}, which never came`);
    if (signal.fate !== "kept") violated(this, `${textOf(told)}: signal ${number} was ${signal.fate} before`);
    return signal;
  }
}

function keptOf(story: PlanStory): SignalStory[] {
  return [...story.signals.values()].filter(({ fate }) => fate === "kept");
}

/** Steps that wait for a signal of the name, and may still go on. */
function waitingFor(story: PlanStory, name: string): StepStory[] {
  return [...story.steps.values()].filter(({ path, wait }) => {
    return wait?.signal === name && stoppedAround(story, path) === undefined;
  });
}
