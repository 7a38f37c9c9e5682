import { Fault } from "#events/fault.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { EventStore, ReadAllOptions } from "#src/ports/event-store.ts";

// A log as a server has it: positions with gaps, of which only those of events may be asked for, and others who append to it.

const FIRST = 733;
const GAP = 137;

export function sparse(events: EventStore, onRead: (options: ReadAllOptions) => void = () => undefined): EventStore {
  return {
    isShared: true,
    append: async (batch) => {
      const { revision, position } = await events.append(batch);
      return { revision, position: placeOf(position) };
    },
    read: (stream, options) => placed(events.read(stream, options)),
    readAll: ({ after, from, ...options } = {}) => {
      onRead({ ...options, ...(after === undefined ? {} : { after }) });
      return placed(
        events.readAll({
          ...options,
          ...(after === undefined ? {} : { after: countOf(after) }),
          ...(from === undefined ? {} : { from: from <= 0 ? 0 : countOf(from) }),
        }),
      );
    },
    subscribe: (options) => placed(events.subscribe({ ...options, after: countOf(options.after) })),
    revision: (stream) => events.revision(stream),
    head: async () => placeOf(await events.head()),
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  };
}

async function* placed(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
  for await (const event of events) yield { ...event, position: placeOf(event.position) };
}

function placeOf(count: number): number {
  return count < 0 ? -1 : FIRST + count * GAP;
}

function countOf(place: number): number {
  const count = place < 0 ? -1 : (place - FIRST) / GAP;
  if (Number.isInteger(count)) return count;
  throw new Fault("bad-position", `no event has the position ${place}`);
}
