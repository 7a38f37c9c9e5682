import type { AllStreamSubscription } from "@kurrent/kurrentdb-client";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";
import type { SubscribeOptions } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import { isOfType, mayBeBadPosition } from "#src/store/kurrent/faults.ts";
import { placeOf, streamsWith, type LogReader } from "#src/store/kurrent/log-reader.ts";
import { recordedOf } from "#src/store/kurrent/records.ts";
import type { ReaderOptions } from "#src/store/kurrent/stream-reader.ts";
import { isAborted } from "#src/store/paging.ts";

// Everything behind a position, live, over connections that break.
//
// F1. No subscription of the client comes back by itself, and a server drops one that is slow: whatever ends it, another begins behind the
//     last event that was handed out. So nothing is lost and nothing comes twice, and no event of the client about falling behind or catching up
//     is needed.
// F2. The client's checkpoints run ahead of who reads, by up to sixteen events: they are not used.

export interface FollowOptions extends ReaderOptions {
  readonly events: Pick<LogReader, "lacks">;
  readonly clock: Clock;
  readonly log: Log;
  readonly closed: AbortSignal;
}

const RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;
/** Events that the client reads ahead. */
const READ_AHEAD = 256;

export async function* followAll(options: FollowOptions, asked: SubscribeOptions): AsyncGenerator<RecordedEvent> {
  const { connection, events, clock, log, closed } = options;
  const signal = AbortSignal.any([closed, asked.signal]);
  let after = asked.after;
  let delayMs = RETRY_MS;
  while (!isAborted(signal)) {
    try {
      for await (const event of followOnce(options, { ...asked, after, signal })) {
        after = event.position;
        delayMs = RETRY_MS;
        yield event;
        if (isAborted(signal)) return;
      }
    } catch (error) {
      if (mayBeBadPosition(error) && (await events.lacks(after))) throw badPosition(after, connection.server);
      log.warn("a subscription broke; another begins behind its last event", {
        server: connection.server,
        after,
        error,
      });
    }
    if (isAborted(signal)) return;
    await sleep(clock, delayMs, signal).catch(() => undefined);
    delayMs = Math.min(delayMs * 2, MAX_RETRY_MS);
  }
}

async function* followOnce(
  { connection, namespace }: FollowOptions,
  { after, streamPrefix = "", signal }: SubscribeOptions,
): AsyncGenerator<RecordedEvent> {
  const client = await connection.client();
  const fromPosition = after < 0 ? ("start" as const) : placeOf(after);
  const filter = streamsWith(`${namespace}${streamPrefix}`);
  const subscription = client.subscribeToAll({ fromPosition, filter }, { highWaterMark: READ_AHEAD });
  const stop = (): void => end(subscription);
  signal.addEventListener("abort", stop, { once: true });
  if (isAborted(signal)) stop();
  try {
    // A server that stands still confirms nothing; later on the connection's keep-alive notices it.
    await connection.answered(client, confirmed(subscription));
    for await (const resolved of subscription) {
      const event = recordedOf(resolved, namespace);
      if (event !== undefined) yield event;
    }
  } catch (error) {
    if (isAborted(signal)) return;
    if (isOfType(error, "unavailable")) connection.renew(client);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function confirmed(subscription: AllStreamSubscription): Promise<void> {
  return new Promise((resolve, reject) => {
    subscription.once("confirmation", resolve).once("error", reject).once("close", resolve);
  });
}

function badPosition(after: number, server: string): Fault<"bad-position"> {
  return new Fault(
    "bad-position",
    `no event on ${server} has the position ${after}; give the position of a fact that came from it`,
    {
      details: { server, after },
    },
  );
}

/** Destroying it ends who waits for the next event; the server is told by cancelling the call. */
function end(subscription: AllStreamSubscription): void {
  void subscription.unsubscribe().catch(() => undefined);
  subscription.destroy();
}
