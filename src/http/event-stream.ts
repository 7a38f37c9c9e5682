import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { problemOf } from "#src/http/problem.ts";

// Server-sent events (WHATWG HTML, 9.2): one message of a stream operation is one event.
//
// V1. A message is taken from the stream when the client has taken those before it; a client that takes nothing for
//     SLOW_MS is disconnected. So a slow client costs one message of memory, and comes back with Last-Event-ID.
// V2. A comment every HEARTBEAT_MS tells both sides that the other one is there.
// V3. When the door closes, what is in the log already is sent first: whoever follows a plan sees how it ended.

const HEARTBEAT_MS = 15_000;
const SLOW_MS = 30_000;
const RETRY_MS = 1_000;
/** After the door has closed a stream that has nothing more for so long has ended. */
const DRAIN_MS = 50;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

export interface StreamOptions {
  /** Name of the events: `fact` or `live`. */
  readonly event: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the door closes. */
  readonly closing: AbortSignal;
}

/** Sends until the stream ends or the client is gone; never rejects. */
export async function sendEvents(
  response: ServerResponse,
  messages: AsyncIterable<unknown>,
  options: StreamOptions,
): Promise<void> {
  const writer = new EventWriter(response, options.clock);
  response.writeHead(200, HEADERS);
  response.flushHeaders();
  await writer.write(`retry: ${RETRY_MS}\n\n`);
  try {
    for await (const message of untilClosed(messages, options)) {
      if (!(await writer.write(eventText(options.event, message)))) return;
    }
    response.end();
  } catch (error) {
    options.log.warn("an event stream ended early", { error });
    await writer.write(`event: problem\ndata: ${JSON.stringify(problemOf(error))}\n\n`);
    response.end();
  } finally {
    writer[Symbol.dispose]();
  }
}

/** All messages, or those that are there when the door closes. */
async function* untilClosed(
  messages: AsyncIterable<unknown>,
  { closing, clock }: StreamOptions,
): AsyncGenerator<unknown> {
  const iterator = messages[Symbol.asyncIterator]();
  let drain: (() => void) | undefined;
  const onClose = (): void => drain?.();
  closing.addEventListener("abort", onClose, { once: true });
  try {
    for (;;) {
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<unknown, unknown> | undefined>();
      // Of this message alone: what outlives it must not gather what was waited for.
      drain = () => void clock.after(DRAIN_MS, () => resolve(undefined), { background: true });
      iterator.next().then(resolve, reject);
      if (closing.aborted) drain();
      const taken = await promise;
      if (taken === undefined || taken.done === true) return;
      yield taken.value;
    }
  } finally {
    closing.removeEventListener("abort", onClose);
  }
}

function eventText(event: string, message: unknown): string {
  const id = positionOf(message);
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(message)}\n\n`;
}

function positionOf(message: unknown): number | undefined {
  if (typeof message !== "object" || message === null || !("position" in message)) return undefined;
  return typeof message.position === "number" ? message.position : undefined;
}

class EventWriter implements Disposable {
  private readonly response: ServerResponse;
  private readonly clock: Clock;
  private heartbeat: Timer | undefined;

  constructor(response: ServerResponse, clock: Clock) {
    this.response = response;
    this.clock = clock;
    this.beatLater();
  }

  /** Resolves when there is room for more; with false when the client is gone or takes nothing. */
  async write(text: string): Promise<boolean> {
    const { response } = this;
    if (response.destroyed) return false;
    if (response.write(text)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onDrain = (): void => resolve(true);
    const onClose = (): void => resolve(false);
    response.once("drain", onDrain).once("close", onClose);
    using _patience = this.clock.after(SLOW_MS, () => response.destroy(), { background: true });
    try {
      return await promise;
    } finally {
      response.off("drain", onDrain).off("close", onClose);
    }
  }

  [Symbol.dispose](): void {
    this.heartbeat?.[Symbol.dispose]();
  }

  private beatLater(): void {
    this.heartbeat = this.clock.after(
      HEARTBEAT_MS,
      () => {
        // One that is not drained needs no sign of life.
        if (!this.response.writableNeedDrain) this.response.write(": still here\n\n");
        this.beatLater();
      },
      { background: true },
    );
  }
}
