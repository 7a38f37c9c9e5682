import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "../breach.ts";
import type { Ask } from "./asking.ts";
import { LOAD_PLANS, type LoadPlan } from "./plans.ts";

// Clients that start plans by keys of their own: who gets no answer asks again with the same key, and some ask again although
// they were answered.
//
// C1. A key has one plan, whatever was killed in between.

interface Start {
  readonly key: string;
  readonly plan: LoadPlan;
  readonly inputs: { readonly id: string; readonly list?: number[] };
  /** The plan that it was told. */
  told?: string;
}

/** What clients start: plans of all kinds; those that fill the log; none any more. */
export type Mood = "mixed" | "bulky" | "calm";

const BULKY = LOAD_PLANS.find(({ name }) => name === "bulky");

/** Plans under way at once. */
const MAX_OPEN = 10;
const STARTED_AT_ONCE = 3;
const ASKS_AGAIN = 0.05;
/** Items of the one plan that is wide enough for snapshots (one at 5,000 facts). */
const WIDE_ITEMS = 2_700;

export class Clients {
  readonly starts: Start[] = [];
  /** Answers `attached`: the plan had been started before with the key. */
  attached = 0;
  private readonly random: SeededRandom;
  private readonly drawn: readonly LoadPlan[];

  constructor({ random }: { readonly random: SeededRandom }) {
    this.random = random;
    this.drawn = LOAD_PLANS.flatMap((plan) => Array.from({ length: plan.weight }, () => plan));
  }

  /** A plan and key for whoever starts it otherwise, e.g. at the command line. */
  draw(plan: LoadPlan = this.random.pick(this.drawn)): Start {
    const key = `k${this.starts.length}`;
    const list = plan.name === "wide" ? { list: Array.from({ length: WIDE_ITEMS }, (_, index) => index) } : {};
    const start = { key, plan, inputs: { id: key, ...list } };
    this.starts.push(start);
    return start;
  }

  look(ask: Ask, { open, mood }: { readonly open: number; readonly mood: Mood }): void {
    const unanswered = this.starts.filter(({ told }) => told === undefined);
    for (const start of unanswered) this.submit(start, ask);
    if (mood === "calm") return;
    const room = Math.min(STARTED_AT_ONCE, MAX_OPEN - open - unanswered.length);
    const plan = mood === "bulky" ? BULKY : undefined;
    for (let index = 0; index < room; index++) this.submit(this.draw(plan), ask);
    if (this.starts.length > 0 && this.random.chance(ASKS_AGAIN)) this.submit(this.random.pick(this.starts), ask);
  }

  private submit(start: Start, ask: Ask): void {
    const { key, inputs } = start;
    ask("submit", key, async (client, signal) => {
      const { plan, attached } = await client.submit({ source: start.plan.source, inputs, key }, { signal });
      if (attached) this.attached++;
      if (start.told !== undefined && (start.told !== plan || !attached))
        throw new Breach("client-keys", `${key} was told ${start.told}, and then ${plan}${attached ? "" : " anew"}`);
      start.told = plan;
      return { plan, revision: undefined, type: "PlanStarted", mark: "" };
    });
  }
}
