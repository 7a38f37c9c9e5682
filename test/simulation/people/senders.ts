import type { PlanId } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import { SIGNAL_NAMES } from "../plans/random-steps.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { signalsWanted } from "../story/questions.ts";
import type { Desk } from "./desk.ts";

// Those who send signals: before a step waits for them, while it does, for nobody, and twice where no answer came.

const SEND_AGAIN_AFTER_MS = 2_000;
const MAX_EXPIRY_MS = 40_000;
/** A payload over the inline limit is a blob. */
const LARGE_TEXT = "signal ".repeat(6_000);

export class Senders {
  private readonly desk: Desk;
  private sent = 0;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Signals that come whenever they come. */
  early(plan: PlanId, withinMs: number): void {
    const { random } = this.desk.world;
    const count = random.int(0, 2);
    for (let index = 0; index < count; index++) {
      const name = random.pick([...SIGNAL_NAMES, "nobody"]);
      const at = random.next() * withinMs;
      this.desk.world.schedule(at, () => this.send(plan, name, random.int(1_000, MAX_EXPIRY_MS)));
    }
  }

  look(story: PlanStory, isCalm: boolean): void {
    const { random } = this.desk.world;
    for (const name of signalsWanted(story)) if (isCalm || random.chance(0.1)) this.send(story.plan, name, undefined);
  }

  private send(plan: PlanId, name: string, expiresMs: number | undefined): void {
    const { world, judge } = this.desk;
    const id = `signal-${++this.sent}`;
    const payload = inline(world.random.chance(0.1) ? LARGE_TEXT : this.sent);
    const expiry = expiresMs === undefined ? {} : { expiresMs };
    const command = { type: "SendSignal" as const, name, payload, by: "os:alice", id, ...expiry };
    const say = (): void =>
      this.desk.ask(plan, command, (decision) => {
        const story = judge.stories.get(plan);
        const isIn = decision.kind === "accepted" || decision.kind === "duplicate";
        if (isIn && story !== undefined) judge.signals.accepted(story, id);
      });
    say();
    if (world.random.chance(0.4)) world.schedule(SEND_AGAIN_AFTER_MS, say);
  }
}
