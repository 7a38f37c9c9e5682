// given / when / then over a decider, or over `advance`: the sentence in which the law is tested.
//
// A1. What was accepted is folded as well: a decider that decides what its charts refuse fails its test.
import { expect } from "vitest";
import type { Fact } from "#events/catalog.ts";
import { advance } from "#machines/advance.ts";
import type { Advance } from "#machines/decide/decision.ts";
import type { Decision, Moment } from "#machines/decide/decision.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, type PlanState } from "#machines/state.ts";
import { EPOCH, GIVEN_AT, NOW, PLAN, WORKER } from "./plans.ts";

type Answer = Decision | Advance;
type Ask<C> = (command: C, state: PlanState, moment: Moment) => Answer;

/** What surrounds an `advance`: slots that executors offer, and blobs that are loaded. */
interface Offer {
  readonly slots?: number;
  readonly blobs?: Blobs;
}

/** `advance` as something to ask: `scenario(advancing).given(…).when({ slots: 1 })`. */
export const advancing: Ask<Offer> = ({ slots = 1, blobs = NO_BLOBS }, state, moment) =>
  advance(state, { moment, blobs, slots: { executorFor: () => (slots > 0 ? WORKER : undefined) } });

export function scenario<C>(ask: Ask<C>): Scenario<C> {
  return new Scenario(ask);
}

class Scenario<C> {
  private readonly ask: Ask<C>;
  private readonly state = emptyState(PLAN);
  private moment: Moment = { now: NOW, epoch: EPOCH, random: () => 0.5 };

  constructor(ask: Ask<C>) {
    this.ask = ask;
  }

  /** Facts that are in the log already, recorded at GIVEN_AT. */
  given(...facts: readonly (Fact | readonly Fact[])[]): this {
    for (const fact of facts.flat()) fold(this.state, { fact, at: GIVEN_AT });
    return this;
  }

  at(now: number): this {
    this.moment = { ...this.moment, now };
    return this;
  }

  withRandom(random: number): this {
    this.moment = { ...this.moment, random: () => random };
    return this;
  }

  when(command: C): Outcome {
    return new Outcome(this.state, this.ask(command, this.state, this.moment), this.moment.now);
  }
}

class Outcome {
  readonly state: PlanState;
  private readonly answer: Answer;
  private readonly decidedAt: number;

  constructor(state: PlanState, answer: Answer, decidedAt: number) {
    this.state = state;
    this.answer = answer;
    this.decidedAt = decidedAt;
  }

  /** Exactly these facts were decided, and the fold accepts them. Returns the state after them. */
  then(...facts: readonly Fact[]): PlanState {
    const { answer } = this;
    expect(answer.kind === "accepted" || answer.kind === "facts" ? answer.facts : answer).toEqual(facts);
    for (const fact of facts) fold(this.state, { fact, at: this.decidedAt });
    return this.state;
  }

  thenRejected(code: string): void {
    expect(this.answer).toMatchObject({ kind: "rejected", code });
  }

  thenDuplicate(): void {
    expect(this.answer).toEqual({ kind: "duplicate" });
  }

  thenIdle(): void {
    expect(this.answer).toEqual({ kind: "idle" });
  }

  thenNeedsBlobs(...refs: readonly string[]): void {
    expect(this.answer).toEqual({ kind: "needs-blobs", refs });
  }
}
