import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { Clock } from "#src/ports/clock.ts";
import { sleep } from "#src/ports/clock.ts";
import type { AppendResult, EventStore } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import { APPEND_RETRY_MS, MAX_APPEND_RETRY_MS } from "#src/runtime/limits.ts";

// Appends until there is an answer.
//
// U1. When an answer is lost, or the store says that trying again may help, the identical batch goes again: same ids,
//     same order, same expected revision. The store answers a repetition with its first answer (S2), so this can
//     neither lose nor double anything. An unknown answer is never taken as a failure.

export interface AppenderDeps {
  readonly events: EventStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Whether an answer is still worth asking for: who owns the plan no more leaves it to the log. Default: it is. */
  readonly isWanted?: () => boolean;
  /** Told while the store refuses for want of space or the like, and when that is over. */
  readonly onTrouble?: ((trouble: Fault | undefined) => void) | undefined;
}

/** Faults: those of the store that are not retryable, e.g. `stream-conflict`. */
export async function appendUntilAnswered(batch: Batch, deps: AppenderDeps): Promise<AppendResult> {
  let delayMs = APPEND_RETRY_MS;
  let troubled = false;
  for (;;) {
    try {
      const result = await deps.events.append(batch);
      if (troubled) deps.onTrouble?.(undefined);
      return result;
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable || isOver(deps)) throw error;
      deps.log.warn("append is tried again", { stream: batch.stream, code: error.code, delayMs });
      deps.onTrouble?.(error);
      troubled = true;
    }
    await sleep(deps.clock, delayMs, deps.signal);
    delayMs = Math.min(delayMs * 2, MAX_APPEND_RETRY_MS);
  }
}

function isOver({ signal, isWanted }: AppenderDeps): boolean {
  return signal.aborted || isWanted?.() === false;
}
