import type { ModelBudget } from "#src/model/budget.ts";
import { failed } from "#src/model/failures.ts";
import { promptTokens } from "#src/model/token-estimate.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Model, ModelAnswer, ModelRequest } from "#src/ports/model.ts";

// One exchange with a model, kept within time and signal, whatever the model does about being told to stop.
//
// E1. A model that does not stop is left behind: nothing that it still says or throws is heard.

export interface ExchangeAround {
  readonly model: Model;
  readonly budget: ModelBudget;
  readonly clock: Clock;
  /** Of one exchange. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Each piece of an answer as it comes, and the number of the exchange, from 1: with a new one the answer begins anew. */
  readonly onText?: (piece: string, number: number) => void;
}

/**
 * One exchange within its timeout and the time of the budget, whatever the model does about being told to stop. Rejects with the
 * signal's reason, and with the faults of the model.
 */
export async function exchange(request: ModelRequest, number: number, around: ExchangeAround): Promise<ModelAnswer> {
  const { model, clock, timeoutMs, signal, onText, budget } = around;
  signal.throwIfAborted();
  const ending = new AbortController();
  const stopped = Promise.withResolvers<never>();
  // It may end while nobody waits for it.
  stopped.promise.catch(() => undefined);
  const stop = (reason: unknown): void => {
    // First, so that what a model throws when it is told to stop comes too late.
    stopped.reject(reason);
    ending.abort(reason);
  };
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const withinMs = Math.min(timeoutMs, budget.remainingMs);
  const late = new DOMException(`no whole answer within ${withinMs} ms`, "TimeoutError");
  const timer = clock.after(withinMs, () => stop(late), { background: true });
  try {
    const say = (piece: string): void => {
      if (!ending.signal.aborted) onText?.(piece, number);
    };
    const answering = model.generate(request, { signal: ending.signal, onText: say });
    return await Promise.race([answering, stopped.promise]);
  } catch (error) {
    if (error !== late) throw error;
    const failure = failed("timeout", "model-timed-out", `the model gave ${late.message}`);
    return { ok: false, failure, usage: { inputTokens: promptTokens(request), outputTokens: 0, isEstimated: true } };
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", onAbort);
  }
}
