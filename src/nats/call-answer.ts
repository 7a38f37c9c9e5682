import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { toldFault, WINDOW } from "#src/ports/calls.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import { carriersOf, faultCarrier, type CallControl, type CallFrame, type Carried } from "#src/nats/call-messages.ts";

// One call on the side of who answers.
//
// A1. Frames that the caller has not taken are kept, at most WINDOW of them, and sent again where they were lost: a call goes
//     on over a connection that breaks and comes back.
// A2. A sign of life goes out every BEAT_MS. A caller that gives none for SILENT_MS is gone, and the answering ends.

export const BEAT_MS = 1_000;
const SILENT_MS = 10_000;

export interface AnswerParts {
  readonly send: (frame: CallFrame) => void;
  readonly maxPayloadBytes: () => number;
  readonly clock: Clock;
  readonly withinMs?: number | undefined;
  /** What a defect was is for the log. */
  readonly onDefect: (error: unknown) => void;
}

export class Answer {
  private readonly parts: AnswerParts;
  private readonly stopping = new AbortController();
  private readonly timers: Timer[] = [];
  /** Sent and not taken, the oldest first. */
  private kept: Exclude<CallFrame, { kind: "here" }>[] = [];
  private sent = 0;
  private heardAtMs: number;
  private isGone = false;
  private wake: (() => void) | undefined;

  constructor(parts: AnswerParts) {
    this.parts = parts;
    this.heardAtMs = parts.clock.monotonic();
    const { withinMs, clock } = parts;
    this.beatLater();
    if (withinMs === undefined) return;
    const late = (): void => this.stop(new Fault("call-timed-out", `no answer within ${withinMs} ms`));
    this.timers.push(clock.after(withinMs, late, { background: true }));
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Sends all values, then how it ended; resolves when the caller has taken that, or is gone. Never rejects. */
  async send(values: AsyncIterable<Json>): Promise<void> {
    this.beat();
    const taking = values[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.unlessStopped(taking.next());
        if (next.done === true) break;
        for (const carried of carriersOf(next.value, this.parts.maxPayloadBytes())) await this.put(carried);
      }
      await this.put({ kind: "end" });
    } catch (error) {
      this.refuse(error);
      // It may still wait for something; the signal has told it.
      taking.return?.().catch(() => undefined);
    }
    while (this.kept.length > 0 && !this.isGone) await this.woken();
    for (const timer of this.timers) timer[Symbol.dispose]();
  }

  /** What the caller says. */
  hear(control: CallControl): void {
    this.heardAtMs = this.parts.clock.monotonic();
    if (control.kind === "stop") {
      this.leave();
      return;
    }
    this.kept = this.kept.filter(({ n }) => n > control.n);
    if (control.kind === "again") {
      for (const frame of this.kept.filter(({ n }) => n > control.after)) this.parts.send(frame);
    }
    this.wake?.();
  }

  /** Ends with a fault, which the caller is told. */
  stop(why: Fault): void {
    this.stopping.abort(why);
    this.wake?.();
  }

  /** Nobody is to be told anything more. */
  leave(): void {
    this.isGone = true;
    this.stop(new Fault("stopping", "who asked takes nothing more"));
  }

  private async put(carried: Carried): Promise<void> {
    while (this.kept.length >= WINDOW) {
      await this.woken();
      this.stopping.signal.throwIfAborted();
    }
    this.push(carried);
  }

  private push(carried: Carried): void {
    const frame = { ...carried, n: ++this.sent };
    this.kept.push(frame);
    this.parts.send(frame);
  }

  private refuse(error: unknown): void {
    const fault = toldFault(this.stopping.signal.aborted ? this.stopping.signal.reason : error);
    if (fault.code === "defect") this.parts.onDefect(error);
    this.push(faultCarrier(fault, this.parts.maxPayloadBytes()));
  }

  private beat(): void {
    if (!this.isGone) this.parts.send({ kind: "here", n: this.sent });
  }

  private beatLater(): void {
    const { clock } = this.parts;
    this.timers[0] = clock.after(
      BEAT_MS,
      () => {
        if (clock.monotonic() - this.heardAtMs > SILENT_MS) this.leave();
        this.beat();
        this.beatLater();
      },
      { background: true },
    );
  }

  private async woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.wake = () => resolve(undefined);
    await promise;
  }

  private unlessStopped<T>(value: Promise<T>): Promise<T> {
    const { signal } = this.stopping;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const onAbort = (): void => reject(toldFault(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    value.then(resolve, reject);
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }
}
