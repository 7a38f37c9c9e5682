import { Fault } from "#events/fault.ts";
import { isJsonObject } from "#events/json.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";

// A stream over connections that break.
//
// M1. Facts come once and in order, whatever happens to connections: after a broken one the next begins behind the last
//     fact that was taken. Who stays away longer than the patience is given up, as `unreachable`.

export interface Patience {
  readonly clock: Clock;
  readonly patienceMs: number;
}

export const DEFAULT_PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

/** What one connection brings that begins behind a position; -1 for the beginning. It ends by a fault. */
type Connect = (after: number) => AsyncIterable<unknown>;

/** Ends without a fault only by the signal. Faults: those of connections that are no break. */
export async function* resumedStream(connect: Connect, patience: Patience, signal: AbortSignal): AsyncGenerator {
  const waiting = new Waiting(patience);
  const taken = { last: -1 };
  for (;;) {
    try {
      for await (const message of connect(taken.last)) {
        waiting.renew();
        if (isNews(message, taken)) yield message;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isBroken(error)) throw error;
      await waiting.pause(error, signal);
    }
  }
}

/** Whether the message was not taken before; what has no position always is. */
function isNews(message: unknown, taken: { last: number }): boolean {
  const position = positionOf(message);
  if (position === undefined) return true;
  if (position <= taken.last) return false;
  taken.last = position;
  return true;
}

/** How long somebody who does not answer is waited for. */
class Waiting {
  private readonly patience: Patience;
  /** Undefined while nothing is wrong. */
  private untilMs: number | undefined;
  private pauseMs = FIRST_PAUSE_MS;

  constructor(patience: Patience) {
    this.patience = patience;
  }

  renew(): void {
    this.untilMs = undefined;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  /** Rejects with the error when it is at its end. */
  async pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, patienceMs } = this.patience;
    const now = clock.monotonic();
    this.untilMs ??= now + patienceMs;
    if (now + this.pauseMs > this.untilMs) throw error;
    await sleep(clock, this.pauseMs, signal).catch(() => undefined);
    this.pauseMs = Math.min(MAX_PAUSE_MS, this.pauseMs * 2);
  }
}

function isBroken(error: unknown): boolean {
  return Fault.is(error, "unreachable") || Fault.is(error, "stopping") || Fault.is(error, "not-owner");
}

function positionOf(message: unknown): number | undefined {
  return isJsonObject(message) && typeof message.position === "number" ? message.position : undefined;
}
