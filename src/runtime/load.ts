import { decode, type Fact } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Payload } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import type { Blobs } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { decodeState, definitionOf, SNAPSHOT_VERSION } from "#machines/snapshot.ts";
import { emptyState, type PlanState } from "#machines/state.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import { isFault, isRetryable, messageOf } from "#src/runtime/faults.ts";
import type { Payloads } from "#src/runtime/payloads.ts";

// State from the log: the newest usable snapshot, then the events after it. Also what history and replay read.
//
// H1. A stream that does not begin at revision 0 is refused: what was truncated cannot be folded.
// H2. An event that cannot be folded is named by stream and revision, with the fault's own code.

export interface LoadDeps {
  readonly events: Pick<EventStore, "read">;
  readonly snapshots?: Pick<SnapshotStore, "load">;
  readonly payloads: Payloads;
}

export interface LoadOptions {
  /** Last revision to include; by default everything. */
  readonly toRevision?: number;
  readonly onFact?: (fact: Fact, event: RecordedEvent) => void;
}

/** The plan's state; its revision is -1 when there is no such plan. Fault: `plan-unreadable`. */
export async function loadPlan(plan: PlanId, deps: LoadDeps, options: LoadOptions = {}): Promise<PlanState> {
  const stream = planStream(plan);
  const toRevision = options.toRevision ?? Infinity;
  const { blobs } = deps.payloads;
  const state = (await fromSnapshot(plan, deps, options)) ?? emptyState(plan);
  for await (const event of deps.events.read(stream, { from: state.revision + 1 })) {
    if (event.revision > toRevision) break;
    if (event.revision !== state.revision + 1) {
      throw unreadable(event, new Fault("stream-truncated", `revision ${state.revision + 1} is missing`));
    }
    const fact = decodeNext(event);
    if (fact.type === "PlanDrafted" || fact.type === "PlanRevised")
      await loadDefinition(event, fact.data.definition, deps.payloads);
    foldNext(state, { event, fact }, blobs);
    options.onFact?.(fact, event);
  }
  return state;
}

function decodeNext(event: RecordedEvent): Fact {
  try {
    return decode(event);
  } catch (error) {
    throw unreadable(event, error);
  }
}

function foldNext(state: PlanState, { event, fact }: { event: RecordedEvent; fact: Fact }, blobs: Blobs): void {
  try {
    fold(state, { fact, at: event.origin.occurredAt }, blobs);
  } catch (error) {
    throw unreadable(event, error);
  }
}

async function loadDefinition(event: RecordedEvent, source: Payload, payloads: Payloads): Promise<void> {
  await loadBlob(source, payloads).catch((error: unknown) => {
    throw unreadable(event, error);
  });
}

async function fromSnapshot(plan: PlanId, deps: LoadDeps, options: LoadOptions): Promise<PlanState | undefined> {
  if (deps.snapshots === undefined || options.onFact !== undefined) return undefined;
  try {
    const found = await deps.snapshots.load(planStream(plan), options.toRevision);
    if (found?.version !== SNAPSHOT_VERSION) return undefined;
    await loadBlob(definitionOf(found.state), deps.payloads);
    const state = decodeState(plan, found.state, deps.payloads.blobs);
    return state.revision === found.revision ? state : undefined;
  } catch {
    return undefined; // A snapshot is a cache: the log has everything.
  }
}

async function loadBlob(source: Payload, payloads: Payloads): Promise<void> {
  if ("blob" in source) await payloads.load([source.blob]);
}

function unreadable(event: RecordedEvent, cause: unknown): Fault {
  const code = isFault(cause) ? cause.code : "fold-failed";
  return new Fault(
    "plan-unreadable",
    `${event.stream} at revision ${event.revision} (${event.type}): ${messageOf(cause)}`,
    {
      cause,
      retryable: isRetryable(cause),
      details: { stream: event.stream, revision: event.revision, type: event.type, code },
    },
  );
}
