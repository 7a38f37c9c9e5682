import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { Breach } from "../crash/breach.ts";

// A subscriber to all facts, whatever is killed: when its connection breaks it comes back, behind the last fact that it has.
//
// L1. Facts come in the order of the log, each once; in the end they are the log.

/** The facts behind a position, for as long as whoever tells them is there. */
type Open = (after: number, signal: AbortSignal) => AsyncIterable<RecordedFact>;

const AWAY_MS = 50;

export class Listener {
  readonly kind: string;
  readonly ids: string[] = [];
  last = -1;
  connections = 0;
  failure: Breach | undefined;
  private readonly open: Open;
  private readonly leaving = new AbortController();
  private readonly running: Promise<void>;

  constructor(kind: string, open: Open) {
    this.kind = kind;
    this.open = open;
    this.running = this.run();
  }

  async leave(): Promise<void> {
    this.leaving.abort();
    await this.running;
  }

  /** Throws a Breach unless what it was told is the log. */
  check(log: readonly RecordedEvent[]): void {
    if (this.failure !== undefined) throw this.failure;
    const wrong = log.findIndex(({ id }, index) => id !== this.ids[index]);
    if (wrong < 0 && this.ids.length === log.length) return;
    const at = wrong < 0 ? log.length : wrong;
    throw new Breach(
      "subscription",
      `${this.kind}: of ${log.length} facts ${this.ids.length} were told, and fact ${at} is not the log's`,
    );
  }

  private async run(): Promise<void> {
    const { signal } = this.leaving;
    while (!signal.aborted && this.failure === undefined) {
      this.connections++;
      try {
        for await (const fact of this.open(this.last, signal)) this.take(fact);
      } catch (error) {
        // Anything else is a connection that broke.
        if (error instanceof Breach) this.failure = error;
      }
      await sleep(systemClock, AWAY_MS, signal).catch(() => undefined);
    }
  }

  private take({ position, id, type }: RecordedFact): void {
    if (position <= this.last)
      throw new Breach("subscription", `${this.kind}: after position ${this.last} came ${position} (${type})`);
    this.last = position;
    this.ids.push(id);
  }
}
