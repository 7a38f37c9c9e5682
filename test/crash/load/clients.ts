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

/** How many plans are to be started now, and which; undefined: one that is drawn. */
export type Pace = (around: { readonly underWay: number; readonly mood: Mood }) => readonly (LoadPlan | undefined)[];

/** What clients start: plans of all kinds; those that fill the log; none any more. */
export type Mood = "mixed" | "bulky" | "calm";

const BULKY = LOAD_PLANS.find(({ name }) => name === "bulky");

/** Plans under way at once. */
const MAX_OPEN = 10;
const STARTED_AT_ONCE = 3;
const ASKS_AGAIN = 0.05;
/** Items of the one plan that is wide enough for snapshots (one at 5,000 facts). */
const WIDE_ITEMS = 2_700;

interface Drawing {
  readonly random: SeededRandom;
  readonly pace?: Pace | undefined;
  /** What is drawn from, by weight. */
  readonly plans?: readonly LoadPlan[] | undefined;
}

export class Clients {
  readonly starts: Start[] = [];
  /** Answers `attached`: the plan had been started before with the key. */
  attached = 0;
  private readonly unanswered = new Set<Start>();
  private readonly random: SeededRandom;
  private readonly pace: Pace;
  private readonly drawn: readonly LoadPlan[];

  constructor({ random, pace = fillUp, plans = LOAD_PLANS }: Drawing) {
    this.random = random;
    this.pace = pace;
    this.drawn = plans.flatMap((plan) => Array.from({ length: plan.weight }, () => plan));
  }

  /** A plan and key for whoever starts it otherwise, e.g. at the command line. */
  draw(plan: LoadPlan = this.random.pick(this.drawn)): Start {
    const key = `k${this.starts.length}`;
    const list = plan.name === "wide" ? { list: Array.from({ length: WIDE_ITEMS }, (_, index) => index) } : {};
    const start = { key, plan, inputs: { id: key, ...list } };
    this.starts.push(start);
    this.unanswered.add(start);
    return start;
  }

  /** Keys of the starts that were not answered. */
  waiting(): readonly string[] {
    return [...this.unanswered].map(({ key }) => key);
  }

  look(ask: Ask, { open, mood }: { readonly open: number; readonly mood: Mood }): void {
    for (const start of this.unanswered) this.submit(start, ask);
    if (mood === "calm") return;
    const underWay = open + this.unanswered.size;
    for (const plan of this.pace({ underWay, mood })) this.submit(this.draw(plan), ask);
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
      this.unanswered.delete(start);
      return { plan, revision: undefined, type: "PlanStarted", mark: "" };
    });
  }
}

/** As many as there is room for. */
function fillUp({ underWay, mood }: Parameters<Pace>[0]): readonly (LoadPlan | undefined)[] {
  const room = Math.max(0, Math.min(STARTED_AT_ONCE, MAX_OPEN - underWay));
  return Array.from({ length: room }, () => (mood === "bulky" ? BULKY : undefined));
}
