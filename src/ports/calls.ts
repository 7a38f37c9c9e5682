import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import type { Clock } from "#src/ports/clock.ts";

// Questions between processes: of programs to any coordinator, and of coordinators to the owner of a partition. Every
// implementation and its in-memory twin pass test/contracts/calls.ts.
//
// Q1. A call is answered by values in order, none missing and none twice, then by its end or by a fault. What keeps that from
//     coming about is `unreachable`; its details say `unheard` where nobody heard the question, so that asking again is safe.
// Q2. Of those that serve "any" one gets a call. It is heard at most once; what is `repeatable` is asked again while unheard.
// Q3. Whoever answers is at most WINDOW values ahead of who takes them: a slow reader costs so much memory and no more.
// Q4. Who answers for a partition no more ends what is under way in order: the operation itself says whether it was too late.
// Q5. A caller that stops taking, aborts, or dies ends the answering; an answerer that dies ends the call, as `unreachable`.

/** Values on their way that were not taken yet. */
export const WINDOW = 32;

/** How long what is under way for a partition may take when somebody else owns it. */
const LEAVES_WITHIN_MS = 2_000;

/** One of the coordinators, or the one that owns this partition. */
export type CallPlace = "any" | { readonly partition: number };

export interface Call {
  /** Name in the table of operations. */
  readonly operation: string;
  readonly input: Json;
  /** Principal of who asks. */
  readonly actor: string;
  /** How long answering may take, in ms; after that it is the fault `call-timed-out`. Without it, as long as the caller takes. */
  readonly withinMs?: number;
  /** Heard twice, it does what it does once: where nobody is known to have heard it, it may be asked again. */
  readonly repeatable?: boolean;
}

/** Answers a call, until the signal. What it throws that is no fault reaches the caller as `defect`. */
export type CallHandler = (call: Call, signal: AbortSignal) => AsyncIterable<Json>;

export interface Calls extends AsyncDisposable {
  /** Faults: `unreachable`, `call-timed-out`, `call-too-large`, `defect`, those of the answerer; or the signal's reason. */
  call(call: Call, to: CallPlace, signal: AbortSignal): AsyncIterable<Json>;
  /**
   * Answers until it is disposed of, and takes no call any more. Those that are under way then end as `stopping`: at once, or
   * where they are for a partition when they have not ended within LEAVES_WITHIN_MS (Q4). Resolves when calls get there.
   */
  serve(at: CallPlace, handler: CallHandler): Promise<Disposable>;
}

/** The one value that answers a question. Faults: those of the call, and `malformed-answer` where there is none. */
export async function answerOf(values: AsyncIterable<Json>): Promise<Json> {
  for await (const value of values) return value;
  throw new Fault("malformed-answer", "the call ended without an answer");
}

/** What a caller is told that an answerer threw: of a defect nothing but that it is one. */
export function toldFault(error: unknown): Fault {
  if (isFault(error)) return error;
  return new Fault("defect", "a defect of Planwright; the log of the process that answered says more", {
    cause: error,
  });
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

export function unheard(why: string): Fault<"unreachable"> {
  return new Fault("unreachable", why, { retryable: true, details: { unheard: true } });
}

/** Q4: has what is under way end as `stopping`, once it may take no longer. For who answers at a place no more. */
export function endInOrder(at: CallPlace, clock: Clock, end: (why: Fault) => void): void {
  const stop = (): void => end(new Fault("stopping", "who answers ends", { retryable: true }));
  if (at === "any") stop();
  else clock.after(LEAVES_WITHIN_MS, stop, { background: true });
}

export function broken(why: string): Fault<"unreachable"> {
  return new Fault("unreachable", why, { retryable: true });
}
