import { json, type Json } from "#events/json.ts";
import { broken, unheard, WINDOW } from "#src/ports/calls.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import { BEAT_MS } from "#src/nats/call-answer.ts";
import { faultOfFrame, type CallFrame } from "#src/nats/call-messages.ts";

// One call on the side of who asks.
//
// K1. Frames are taken in the order of their numbers. One that is missing is asked for again, as is whatever came while the
//     connection was away; one that comes twice counts once.
// K2. An answerer that is silent for SILENT_MS is gone: the call is `unreachable`.
// K3. One answerer is listened to, the first that was heard. Where nobody was, a call that may be heard twice is asked again each
//     second, and when the connection has come back: the server also hands calls to a process that has just stopped.
// K4. What was taken is said every REPORT frames and with every sign of life, so that the answerer can go on, and knows that
//     somebody is here.

const SILENT_MS = 5 * BEAT_MS;
/** Who hears a call says so at once. */
const REPEATS_AFTER_MS = 1_000;
const REPORT = WINDOW / 4;

/** A control, but for the name of its call. */
type Said =
  | { readonly kind: "taken"; readonly n: number }
  | { readonly kind: "again"; readonly n: number; readonly after: number }
  | { readonly kind: "stop" };

type Say = (said: Said, control: string | undefined) => void;

export interface AskingParts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Publishes the call once more; undefined for one that two may not hear. */
  readonly repeat?: (() => void) | undefined;
}

export class Asking {
  private readonly parts: AskingParts;
  private say: Say = () => undefined;
  /** Where who answers hears; known from its first frame on. */
  private control: string | undefined;
  private readonly waiting: Exclude<CallFrame, { kind: "here" }>[] = [];
  private received = 0;
  private askedAfter: number | undefined;
  private taken = 0;
  private reported = 0;
  private isHeard = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private silence: Timer | undefined;
  private repeating: Timer | undefined;

  constructor(parts: AskingParts) {
    this.parts = parts;
    this.renew();
    if (parts.repeat !== undefined) this.repeatLater(parts.repeat);
  }

  /** A frame came, with the subject where its sender hears. */
  put(frame: CallFrame, control: string | undefined): void {
    if (this.isHeard && control !== this.control) {
      this.say({ kind: "stop" }, control);
      return;
    }
    this.control = control;
    this.isHeard = true;
    this.repeating?.[Symbol.dispose]();
    this.renew();
    if (frame.kind === "here") {
      if (frame.n > this.received) this.askAgain();
      else this.report();
      return;
    }
    if (frame.n <= this.received) return;
    if (frame.n > this.received + 1) {
      // Once for each gap, however much comes behind it; signs of life ask again where that was lost, too.
      if (this.askedAfter !== this.received) this.askAgain();
      return;
    }
    this.received = frame.n;
    this.waiting.push(frame);
    this.wake?.();
  }

  /** The connection came back: what was sent meanwhile is lost. */
  askAgain(): void {
    if (!this.isHeard) {
      this.parts.repeat?.();
      return;
    }
    this.askedAfter = this.received;
    this.say({ kind: "again", n: this.taken, after: this.received }, this.control);
  }

  /** Nobody serves there. */
  nobody(): void {
    this.fail(unheard("nobody answers"));
  }

  async *values(say: Say): AsyncGenerator<Json> {
    this.say = say;
    const { signal } = this.parts;
    const onAbort = (): void => this.fail(reasonOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    let isOver = false;
    const pieces: string[] = [];
    try {
      for (;;) {
        const frame = await this.next();
        isOver = frame.kind === "end" || frame.kind === "fault";
        if (frame.kind === "end") return;
        if (frame.kind === "fault") throw faultOfFrame(frame);
        if (frame.kind === "value") yield frame.value;
        else yield* whole(pieces, frame);
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.silence?.[Symbol.dispose]();
      this.repeating?.[Symbol.dispose]();
      this.say(isOver ? { kind: "taken", n: this.taken } : { kind: "stop" }, this.control);
    }
  }

  private async next(): Promise<Exclude<CallFrame, { kind: "here" }>> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      const frame = this.waiting.shift();
      if (frame !== undefined) {
        this.taken = frame.n;
        if (this.taken - this.reported >= REPORT) this.report();
        return frame;
      }
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.wake = () => resolve(undefined);
      await promise;
    }
  }

  private report(): void {
    this.reported = this.taken;
    this.say({ kind: "taken", n: this.taken }, this.control);
  }

  private renew(): void {
    this.silence?.[Symbol.dispose]();
    const gone = (): void =>
      this.fail(broken(this.isHeard ? "who answered is silent" : "nobody said that the call was heard"));
    this.silence = this.parts.clock.after(SILENT_MS, gone);
  }

  private repeatLater(repeat: () => void): void {
    this.repeating = this.parts.clock.after(REPEATS_AFTER_MS, () => {
      repeat();
      this.repeatLater(repeat);
    });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }
}

/** The value whose last piece has come, if it has. */
function* whole(pieces: string[], { text, isLast }: Extract<CallFrame, { kind: "piece" }>): Generator<Json> {
  pieces.push(text);
  if (isLast) yield json.parse(JSON.parse(pieces.splice(0).join("")));
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
