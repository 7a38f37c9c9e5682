import { isJsonObject, type Json } from "#events/json.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { eventsAt, type MemoryContents } from "#src/store/memory/contents.ts";

// A log that several processes have.

/** Of a log that others have left, whose leases are lost. */
export function newestEpochIn({ log }: MemoryContents): number {
  return eventsAt(log).reduce((newest, { data }) => Math.max(newest, epochIn(data)), 0);
}

function epochIn(data: Json): number {
  const epoch = isJsonObject(data) ? data["epoch"] : undefined;
  return typeof epoch === "number" ? epoch : 0;
}

/** The log as several processes have it: it stays when one of them goes. */
export function serverOf(log: EventStore): EventStore {
  return {
    isShared: true,
    append: (batch) => log.append(batch),
    read: (stream, options) => log.read(stream, options),
    readAll: (options) => log.readAll(options),
    subscribe: (options) => log.subscribe(options),
    revision: (stream) => log.revision(stream),
    head: () => log.head(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
