import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";
import {
  broken,
  endInOrder,
  toldFault,
  unheard,
  type Call,
  type CallHandler,
  type CallPlace,
  type Calls,
} from "#src/ports/calls.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";

// Calls within one process: any number of members that reach each other as processes do over a network. Values are taken from
// the answerer one by one as the caller takes them, so nothing waits anywhere (Q3).

export class MemoryCallNetwork {
  private readonly clock: Clock;
  private readonly serving: Serving[] = [];
  private turn = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  join(): Calls {
    const own = new Set<Serving>();
    return {
      call: (call, to, signal) => this.answered(call, to, signal),
      serve: async (at, handler) => {
        const one = new Serving(at, handler);
        own.add(one);
        this.serving.push(one);
        return {
          [Symbol.dispose]: () => {
            this.hide(one);
            endInOrder(at, this.clock, (why) => this.leave(one, why));
          },
        };
      },
      [Symbol.asyncDispose]: async () => {
        for (const one of own) this.leave(one, broken("who answered is gone"));
      },
    };
  }

  private leave(one: Serving, why: Fault): void {
    this.hide(one);
    one.ending.abort(why);
  }

  private hide(one: Serving): void {
    const at = this.serving.indexOf(one);
    if (at !== -1) this.serving.splice(at, 1);
  }

  private async *answered(call: Call, to: CallPlace, signal: AbortSignal): AsyncGenerator<Json> {
    signal.throwIfAborted();
    const there = this.serving.filter(({ at }) => isAt(at, to));
    const one = there[this.turn++ % Math.max(1, there.length)];
    if (one === undefined) throw unheard("nobody answers");
    const stopping = new AbortController();
    const ended = AbortSignal.any([signal, one.ending.signal, stopping.signal]);
    const timer = this.limit(call, stopping);
    const values = one.handler({ ...call, input: copied(call.input) }, ended)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await unlessAborted(values.next(), ended);
        if (next.done === true) return;
        yield copied(next.value);
      }
    } catch (error) {
      throw ended.aborted ? ended.reason : toldFault(error);
    } finally {
      timer?.[Symbol.dispose]();
      stopping.abort(new Fault("stopping", "who asked takes nothing more"));
      values.return?.().catch(() => undefined);
    }
  }

  private limit({ withinMs }: Call, stopping: AbortController): Timer | undefined {
    if (withinMs === undefined) return undefined;
    const late = (): void => stopping.abort(new Fault("call-timed-out", `no answer within ${withinMs} ms`));
    return this.clock.after(withinMs, late, { background: true });
  }
}

class Serving {
  readonly at: CallPlace;
  readonly handler: CallHandler;
  readonly ending = new AbortController();

  constructor(at: CallPlace, handler: CallHandler) {
    this.at = at;
    this.handler = handler;
  }
}

function isAt(at: CallPlace, to: CallPlace): boolean {
  if (at === "any" || to === "any") return at === to;
  return at.partition === to.partition;
}

/** As from another process: nothing of what was sent is shared. */
function copied(value: Json): Json {
  return json.parse(JSON.parse(JSON.stringify(value)));
}

/** Rejects with the signal's reason when that comes first; what comes later is dropped. */
function unlessAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  value.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}
