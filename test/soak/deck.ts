import type { Clock } from "#src/ports/clock.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Pace } from "../crash/load/clients.ts";
import type { LoadPlan } from "../crash/load/plans.ts";

// A constant load: so many plans a second, whatever becomes of those before.
//
// D1. Each round has every plan as often as its weight says, in an order of its own, so that any two stretches of time have the
//     same load.
// D2. Those that nobody could take (no process is there) are started when there is one, some at a time.
// D3. Where too many are under way nothing is started, and that is counted: then it was no constant load.

/** Plans under way at once; more than ten seconds of the default load. */
const MAX_UNDER_WAY = 100;
const STARTED_AT_ONCE = 4;
const MS_PER_S = 1_000;

interface DeckOptions {
  readonly random: SeededRandom;
  readonly clock: Pick<Clock, "monotonic">;
  readonly plans: readonly LoadPlan[];
  /** Plans a second. */
  readonly rate: number;
}

export class Deck {
  /** Looks at which plans were due and too many were under way. */
  held = 0;
  readonly pace: Pace = ({ underWay }) => this.due(underWay);
  private readonly options: DeckOptions;
  private cards: LoadPlan[] = [];
  private startedAt: number | undefined;
  private dealt = 0;

  constructor(options: DeckOptions) {
    this.options = options;
  }

  private due(underWay: number): readonly LoadPlan[] {
    const { clock, rate } = this.options;
    this.startedAt ??= clock.monotonic();
    const due = Math.floor(((clock.monotonic() - this.startedAt) * rate) / MS_PER_S) - this.dealt;
    if (due > 0 && underWay >= MAX_UNDER_WAY) {
      this.held++;
      return [];
    }
    const count = Math.min(due, STARTED_AT_ONCE);
    return Array.from({ length: Math.max(0, count) }, () => this.deal());
  }

  private deal(): LoadPlan {
    if (this.cards.length === 0) this.cards = this.shuffled();
    const card = this.cards.pop();
    if (card === undefined) throw new RangeError("no plan has any weight");
    this.dealt++;
    return card;
  }

  /** Fisher and Yates. */
  private shuffled(): LoadPlan[] {
    const { plans, random } = this.options;
    const cards = plans.flatMap((plan) => Array.from({ length: plan.weight }, () => plan));
    for (let last = cards.length - 1; last > 0; last--) {
      const other = random.int(0, last);
      const [one, two] = [cards[last], cards[other]];
      if (one === undefined || two === undefined) continue;
      cards[last] = two;
      cards[other] = one;
    }
    return cards;
  }
}
