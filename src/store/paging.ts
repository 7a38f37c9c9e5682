import type { RecordedEvent } from "#events/envelope.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { ReadAllOptions, SubscribeOptions } from "#src/ports/event-store.ts";

// Reading in pages, the same for both stores: a page is read at once, then handed out event by event.
//
// P1. Between pages the event loop gets a turn, so that reading a long log starves nobody.
// P2. A page is bounded in events and bytes (by the store), so that a slow consumer holds little memory.

const PAGE_EVENTS = 512;
export const PAGE_BYTES = 1024 * 1024;

export interface PageRequest {
  /** First revision or position, inclusive. */
  readonly from: number;
  readonly backwards: boolean;
  readonly atMost: number;
  /** Only events of these types; empty for all. */
  readonly typePrefix: string;
}

export interface Page {
  /** In the direction of the request. */
  readonly events: readonly RecordedEvent[];
  /** Where the next page begins; undefined at the end. */
  readonly next: number | undefined;
}

/** Reads page after page until the end or the limit. */
export async function* paged(
  clock: Clock,
  options: ReadAllOptions,
  load: (request: PageRequest) => Page,
): AsyncGenerator<RecordedEvent> {
  const { typePrefix = "" } = options;
  const backwards = options.direction === "backwards";
  let from: number | undefined = firstOf(options, backwards);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  while (from !== undefined && from >= 0 && left > 0) {
    const page: Page = load({ from, backwards, atMost: Math.min(left, PAGE_EVENTS), typePrefix });
    // Delegating to the array would cost three promises an event instead of one.
    for (const event of page.events) yield event;
    left -= page.events.length;
    from = page.next;
    if (from !== undefined && left > 0) await turn(clock);
  }
}

/** Here positions are counted, so that behind one is the next one. */
function firstOf({ from, after }: ReadAllOptions, backwards: boolean): number {
  if (backwards) return from ?? Number.MAX_SAFE_INTEGER;
  return Math.max(after === undefined ? (from ?? 0) : after + 1, 0);
}

/** A part of the log behind a position. */
export interface Stretch {
  readonly events: readonly RecordedEvent[];
  /** Position up to which the log was looked at; the position asked for where there is nothing behind it. */
  readonly through: number;
}

export interface Tail {
  stretch(after: number, streamPrefix: string): Stretch;
  /** Resolves with true when there may be events behind the position, with false when the signal or the store ends it. */
  arrival(after: number, signal: AbortSignal): Promise<boolean>;
}

/** Everything behind a position, then what is appended, until the signal (S4 of the port). */
export async function* follow(clock: Clock, tail: Tail, options: SubscribeOptions): AsyncGenerator<RecordedEvent> {
  const { signal, streamPrefix = "" } = options;
  let after = options.after;
  while (!signal.aborted) {
    const { events, through } = tail.stretch(after, streamPrefix);
    for (const event of events) {
      yield event;
      if (isAborted(signal)) return;
    }
    if (through > after) {
      after = through;
      await turn(clock);
    } else if (!(await tail.arrival(after, signal))) {
      return;
    }
  }
}

function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.soon(resolve);
  });
}

/** Read through a function: a signal changes while a consumer holds the generator, which the compiler cannot know. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
