import assert from "node:assert/strict";
import type { Fact } from "#events/catalog.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { executorId, planId } from "#events/ids.ts";
import type { JsonObject } from "#events/json.ts";
import { advance } from "#machines/advance.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import type { Advance, Decision, Moment } from "#machines/decide/decision.ts";
import { startPlan } from "#machines/decide/start.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, type PlanState } from "#machines/state.ts";
import { settledBy } from "#src/testing/expectation.ts";

// given / when / then over a decider, or over `advance`: the sentence in which the law is tested. No server, no clock.
//
// A1. What was accepted is folded as well: a decider that decides what its charts refuse fails its test.

/** The plan, executor and moments of every scenario. Facts that are given were recorded at `givenAt`, in ms since the epoch. */
export const SCENARIO = {
  plan: planId.parse("01890000-0000-7000-8000-000000000001"),
  worker: executorId.parse("worker-1"),
  givenAt: 1_000,
  now: 2_000,
  epoch: 1,
} as const;

type Answer = Decision | Advance;

/** Something that answers from state: a decider, `decide`, or `advancing`. */
export type Ask<C> = (command: C, state: PlanState, moment: Moment) => Answer;

/** What surrounds an `advance`: slots that executors offer, and blobs that are loaded. */
export interface Offer {
  readonly slots?: number;
  readonly blobs?: Blobs;
}

/** `advance` as something to ask: `scenario(advancing).given(…).when({ slots: 1 })`. */
export const advancing: Ask<Offer> = ({ slots = 1, blobs = NO_BLOBS }, state, moment) =>
  advance(state, { moment, blobs, slots: { executorFor: () => (slots > 0 ? SCENARIO.worker : undefined) } });

/** The facts that a plan starts with, for `given`. The definition and its inputs are taken as they are. */
export function startedFacts(definition: PlanDefinition, inputs: JsonObject = {}): readonly Fact[] {
  const moment = { now: SCENARIO.givenAt, epoch: SCENARIO.epoch, random: () => 0 };
  const decision = startPlan({ type: "StartPlan", definition, inputs }, emptyState(SCENARIO.plan), moment);
  if (decision.kind === "accepted") return decision.facts;
  throw new assert.AssertionError({ message: "the plan of a scenario does not start", actual: decision });
}

export function scenario<C>(ask: Ask<C>): Scenario<C> {
  return new Scenario(ask);
}

export class Scenario<C> {
  private readonly ask: Ask<C>;
  private readonly state = emptyState(SCENARIO.plan);
  private moment: Moment = { now: SCENARIO.now, epoch: SCENARIO.epoch, random: () => 0.5 };

  constructor(ask: Ask<C>) {
    this.ask = ask;
  }

  /** Facts that are in the log already. Fault: `event-refused`, for a history that cannot be. */
  given(...facts: readonly (Fact | readonly Fact[])[]): this {
    for (const fact of facts.flat()) fold(this.state, { fact, at: SCENARIO.givenAt });
    return this;
  }

  /** When the command arrives, in ms since the epoch. */
  at(now: number): this {
    this.moment = { ...this.moment, now };
    return this;
  }

  /** The number that is drawn where something is left to chance, in [0, 1). */
  withRandom(random: number): this {
    this.moment = { ...this.moment, random: () => random };
    return this;
  }

  when(command: C): Outcome {
    return new Outcome(this.state, this.ask(command, this.state, this.moment), this.moment.now);
  }
}

export class Outcome {
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
    const decided = this.answer.kind === "accepted" || this.answer.kind === "facts" ? this.answer.facts : this.answer;
    this.compare(decided, facts);
    for (const fact of "kind" in decided ? [] : decided) fold(this.state, { fact, at: this.decidedAt });
    return this.state;
  }

  thenRejected(code: string): void {
    const { kind } = this.answer;
    this.compare(kind === "rejected" ? { kind, code: this.answer.code } : this.answer, { kind: "rejected", code });
  }

  thenDuplicate(): void {
    this.compare(this.answer, { kind: "duplicate" });
  }

  thenIdle(): void {
    this.compare(this.answer, { kind: "idle" });
  }

  thenNeedsBlobs(...refs: readonly string[]): void {
    this.compare(this.answer, { kind: "needs-blobs", refs });
  }

  private compare(actual: unknown, expected: unknown): void {
    assert.deepEqual(...settledBy(actual, expected));
  }
}
