import type { RecordedEvent } from "#events/envelope.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "../crash/breach.ts";
import type { Connections } from "./measured/record.ts";
import { LogSubscriber } from "./subscribers/log-subscriber.ts";
import { PlanSubscriber } from "./subscribers/plan-subscriber.ts";
import type { Address, Subscriber } from "./subscribers/subscriber.ts";
import { overHttp, overSocket } from "./subscribers/ways.ts";

// All who follow: every third over HTTP, every third over the local socket, every third one plan after the other.

export interface AudienceOptions {
  readonly seed: number;
  readonly count: number;
  readonly address: () => Address | undefined;
  readonly newest: () => string | undefined;
}

const HEARS_ALL_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

export class Audience {
  private readonly subscribers: readonly Subscriber[];
  private readonly running: Promise<unknown>;

  constructor(options: AudienceOptions) {
    this.subscribers = Array.from({ length: options.count }, (_, index) => subscriberAt(index, options));
    this.running = Promise.all(this.subscribers.map((subscriber) => subscriber.run()));
  }

  /** The first thing that one of them was shown and that was wrong. */
  get failure(): unknown {
    return this.subscribers.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** By kind. */
  get figures(): readonly Connections[] {
    const all = this.subscribers.map(({ figures }) => figures);
    return [...Map.groupBy(all, ({ kind }) => kind)].map(([kind, some]) => ({
      kind,
      connections: some.reduce((sum, { connections }) => sum + connections, 0),
      facts: some.reduce((sum, { facts }) => sum + facts, 0),
    }));
  }

  /** Lets everyone hear everything up to the head. Throws a Breach. */
  async hearAll(head: number, signal: AbortSignal): Promise<void> {
    for (const subscriber of this.subscribers) subscriber.finish();
    const giveUpAt = systemClock.monotonic() + HEARS_ALL_WITHIN_MS;
    while (this.failure === undefined) {
      const late = this.subscribers.filter((subscriber) => !subscriber.hasAll(head));
      if (late.length === 0) return;
      if (systemClock.monotonic() > giveUpAt)
        throw new Breach(
          "subscription",
          `${late.map(({ kind }) => kind).join(", ")}: not all facts up to ${head} have come`,
        );
      await sleep(systemClock, LOOK_EVERY_MS, signal);
    }
    throw this.failure as Error;
  }

  async leave(): Promise<void> {
    for (const subscriber of this.subscribers) subscriber.stop();
    await this.running;
  }

  /** Throws a Breach. */
  check(log: readonly RecordedEvent[]): void {
    for (const subscriber of this.subscribers) subscriber.check(log);
  }
}

function subscriberAt(index: number, { seed, address, newest }: AudienceOptions): Subscriber {
  const parts = { random: new SeededRandom(seed, index + 1), address };
  const kind = index % KINDS;
  if (kind === 0) return new LogSubscriber(parts, { kind: "all facts over HTTP", open: overHttp });
  if (kind === 1) return new LogSubscriber(parts, { kind: "all facts over the local socket", open: overSocket });
  return new PlanSubscriber({ ...parts, open: overHttp, newest });
}

const KINDS = 3;
