// Logs that views are kept from: several random plans, written in turn, and plans that all go well.
import fc from "fast-check";
import { encode, fact, type Fact } from "#events/catalog.ts";
import type { EncodedEvent, RecordedEvent } from "#events/envelope.ts";
import { newBatchId, newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openMemory, type MemoryStore } from "#src/store/memory/open.ts";
import { dispatched, EPOCH, planOf, started, succeeded, tool } from "../machines/plans.ts";
import { live, turbulentWorlds, type World } from "../machines/world.ts";

const MAX_PLANS = 3;
const FIRST_AT = Date.UTC(2026, 0, 1);

export interface RandomLog {
  readonly plans: readonly World[];
  /** Whose turn it is to write. */
  readonly turns: readonly number[];
}

export const randomLogs: fc.Arbitrary<RandomLog> = fc.record({
  plans: fc.array(turbulentWorlds, { minLength: 1, maxLength: MAX_PLANS }),
  turns: fc.array(fc.nat({ max: MAX_PLANS - 1 }), { maxLength: 60 }),
});

/** The log in a store in memory; every plan's appends in their order. `into` is what writes. */
export async function write(
  { plans, turns }: RandomLog,
  into: (store: MemoryStore) => EventStore = ({ events }) => events,
): Promise<MemoryStore> {
  const store = openMemory({ clock: systemClock });
  const events = into(store);
  const waiting = plans.map((world) => appendsOf(live(world).events));
  const order = [...turns, ...waiting.flatMap((appends, plan) => appends.map(() => plan))];
  for (const turn of order) {
    const next = waiting[turn]?.shift();
    if (next === undefined) continue;
    await append(events, { plan: planNumbered(turn), at: next[0]!.origin.occurredAt, events: next });
  }
  return store;
}

/** A plan of two steps that goes well, in two appends: 7 facts. */
export async function appendPlan(events: EventStore, index: number): Promise<PlanId> {
  const plan = planNumbered(index);
  const definition = planOf([tool("a"), tool("b", { needs: ["a"] })], { name: `plan ${index}` });
  const steps = [dispatched("a"), succeeded("a", { durationMs: 1 + index }), dispatched("b"), succeeded("b")];
  await appendFacts(events, plan, [...started(definition), ...steps]);
  await appendFacts(events, plan, [fact("PlanSucceeded", { epoch: EPOCH })]);
  return plan;
}

export function appendFacts(events: EventStore, plan: PlanId, facts: readonly Fact[]): Promise<void> {
  return append(events, { plan, at: FIRST_AT + Number.parseInt(plan.slice(9, 13), 16), events: facts.map(encode) });
}

export function planNumbered(index: number): PlanId {
  return newPlanId(FIRST_AT + index, new Uint8Array(RANDOM_BYTES_PER_ID));
}

interface Append {
  readonly plan: PlanId;
  readonly at: number;
  readonly events: readonly EncodedEvent[];
}

async function append(store: EventStore, { plan, at, events }: Append): Promise<void> {
  const stream = planStream(plan);
  const expectedRevision = await store.revision(stream);
  const random = new Uint8Array(RANDOM_BYTES_PER_ID);
  new DataView(random.buffer).setUint32(2, expectedRevision + 1);
  new DataView(random.buffer).setUint16(6, Number.parseInt(plan.slice(9, 13), 16));
  const id = newBatchId(at, random);
  const origin = { batch: id, occurredAt: at, tenant: "default", correlation: plan, actor: "system" };
  const encoded = events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data }));
  await store.append({ id, stream, expectedRevision, origin, events: encoded });
}

function appendsOf(events: readonly RecordedEvent[]): RecordedEvent[][] {
  const appends: RecordedEvent[][] = [];
  for (const event of events) {
    const last = appends.at(-1);
    if (last?.[0]?.origin.batch === event.origin.batch) last.push(event);
    else appends.push([event]);
  }
  return appends;
}
