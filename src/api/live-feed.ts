import type { PlanId } from "#events/ids.ts";
import type { Application } from "#src/api/application.ts";
import type { LiveMessage } from "#src/ports/bus.ts";

// The live channel for one subscriber: what it does not take in time is dropped, the oldest first, and it is told how much.

/** Messages that wait for a slow subscriber. */
const MAX_WAITING = 256;

export type LiveFeedMessage = LiveMessage | { readonly kind: "dropped"; readonly count: number };

/** Of one plan or of all, until the signal; it listens when this resolves. Faults: `plan-unknown`, `plan-ambiguous`. */
export async function liveFeed(
  app: Application,
  reference: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<LiveFeedMessage>> {
  const plan = reference === undefined ? undefined : (await app.seen(reference)).state.planId;
  const waiting = new Waiting(plan);
  const listening = app.engine.onLive((message) => waiting.put(message));
  const onAbort = (): void => {
    listening[Symbol.dispose]();
    waiting.end();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return messages(waiting);
}

/** Whoever stops taking aborts its signal, which ends the listening. */
async function* messages(waiting: Waiting): AsyncGenerator<LiveFeedMessage> {
  while (await waiting.some()) yield* waiting.take();
}

class Waiting {
  private readonly plan: PlanId | undefined;
  private messages: LiveMessage[] = [];
  private dropped = 0;
  private isOver = false;
  private wake: (() => void) | undefined;

  constructor(plan: PlanId | undefined) {
    this.plan = plan;
  }

  put(message: LiveMessage): void {
    if (this.plan !== undefined && message.plan !== this.plan) return;
    if (this.messages.length >= MAX_WAITING) {
      this.messages.shift();
      this.dropped++;
    }
    this.messages.push(message);
    this.wake?.();
  }

  end(): void {
    this.isOver = true;
    this.wake?.();
  }

  /** Whether there is something to take; false when it is over. */
  async some(): Promise<boolean> {
    while (this.messages.length === 0 && !this.isOver) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.wake = () => resolve(undefined);
      await promise;
    }
    return !this.isOver;
  }

  take(): LiveFeedMessage[] {
    const { messages, dropped } = this;
    this.messages = [];
    this.dropped = 0;
    return dropped === 0 ? messages : [{ kind: "dropped", count: dropped }, ...messages];
  }
}
