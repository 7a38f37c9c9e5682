import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "../../crash/breach.ts";
import type { Connections } from "../measured/record.ts";

// Somebody who follows facts, goes away at any moment, and comes back behind the last fact that it has.
//
// B1. A connection lasts as long as the seed says, also in the middle of a message; a process that is killed breaks it as well.
// B2. Whatever breaks, every fact comes once and in order, and at the end all of them have come.

/** Where the process of the moment is reached. */
export interface Address {
  readonly url: string;
  readonly store: string;
}

export interface SubscriberParts {
  readonly random: SeededRandom;
  /** Undefined while there is none. */
  readonly address: () => Address | undefined;
}

/** The facts behind a position, as long as the connection lasts. */
export type Open = (address: Address, from: Asked, signal: AbortSignal) => AsyncIterable<RecordedFact>;

interface Asked {
  /** Position of the last fact that is known; -1 for none. */
  readonly after: number;
  readonly plan?: string;
}

const MEAN_CONNECTION_MS = 4_000;
const MAX_AWAY_MS = 400;
const LOOK_EVERY_MS = 50;

export abstract class Subscriber {
  abstract readonly kind: string;
  /** The first thing that was wrong with what was shown. */
  failure: unknown;
  private readonly parts: SubscriberParts;
  private readonly over = new AbortController();
  private connections = 0;
  private facts = 0;
  private isFinishing = false;
  private connection = new AbortController();

  constructor(parts: SubscriberParts) {
    this.parts = parts;
  }

  get figures(): Connections {
    const { kind, connections, facts } = this;
    return { kind, connections, facts };
  }

  /** Until it is stopped; never rejects. */
  async run(): Promise<void> {
    while (!this.over.signal.aborted && this.failure === undefined) {
      const address = this.parts.address();
      if (address !== undefined && this.isAsking()) await this.connect(address);
      await sleep(systemClock, this.awayMs(), this.over.signal).catch(() => undefined);
    }
  }

  /** Goes away no more; what follows is only waited for. */
  finish(): void {
    this.isFinishing = true;
  }

  stop(): void {
    this.over.abort();
    this.connection.abort();
  }

  /** Whether everything that there is has come. */
  abstract hasAll(head: number): boolean;

  /** Throws a Breach unless it was shown what the log says. */
  abstract check(log: readonly RecordedEvent[]): void;

  protected abstract isAsking(): boolean;

  protected abstract open(address: Address, signal: AbortSignal): AsyncIterable<RecordedFact>;

  /** False: this connection has nothing more to say. */
  protected abstract take(fact: RecordedFact): boolean;

  protected get random(): SeededRandom {
    return this.parts.random;
  }

  private async connect(address: Address): Promise<void> {
    this.connection = new AbortController();
    const cut = systemClock.after(this.lastsMs(), () => this.connection.abort());
    this.connections++;
    try {
      for await (const fact of this.open(address, this.connection.signal)) {
        this.facts++;
        if (!this.take(fact)) return;
      }
    } catch (error) {
      // Anything else is a connection that broke.
      if (error instanceof Breach) this.failure = error;
    } finally {
      cut[Symbol.dispose]();
      this.connection.abort();
    }
  }

  /** Exponential: at any moment a connection breaks as easily as at another. */
  private lastsMs(): number {
    return this.isFinishing ? MEAN_CONNECTION_MS : -Math.log(1 - this.random.next()) * MEAN_CONNECTION_MS;
  }

  private awayMs(): number {
    return this.isFinishing ? LOOK_EVERY_MS : LOOK_EVERY_MS + this.random.next() * MAX_AWAY_MS;
  }
}
