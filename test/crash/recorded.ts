import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";

/** A fact as a subscriber gets it, as the log has it. */
export function recordedOf(fact: RecordedFact): RecordedEvent {
  const { id, position, stream, revision, type, schemaVersion, at, actor, correlation, data } = fact;
  const origin = { batch: "", occurredAt: at, tenant: "", correlation, actor };
  return { id, position, stream, revision, type, schemaVersion, data, origin } as unknown as RecordedEvent;
}
