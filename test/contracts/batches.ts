import type { Batch, RecordedEvent } from "#events/envelope.ts";
import { newBatchId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";
import { systemRandom } from "#src/ports/system/random.ts";

// Batches for the contract suites: real ids, small facts.

const NOW_MS = 1_800_000_000_000;

export function streamNamed(name: string): StreamName {
  return name as StreamName;
}

/** A batch of one event a value, each carrying its value. */
export function batchOf(stream: StreamName, expectedRevision: number, values: readonly Json[]): Batch {
  const id = newBatchId(NOW_MS, systemRandom.bytes(10));
  return {
    id,
    stream,
    expectedRevision,
    origin: { batch: id, occurredAt: NOW_MS, tenant: "default", correlation: "request-1", actor: "os:alice" },
    events: values.map((value) => ({ type: "Noted", schemaVersion: 1, data: { value } })),
  };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The values that `batchOf` put into the events. */
export function valuesIn(events: readonly RecordedEvent[]): unknown[] {
  return events.map(({ data }) => (data as { value: unknown }).value);
}
