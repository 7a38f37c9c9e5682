import type { EncodedEvent } from "#events/envelope.ts";
import { newBatchId, type PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { openMemory } from "#src/store/memory/open.ts";
import type { Machine } from "./kit.ts";

/** Another process appends to a plan's stream, at the revision that it finds. */
export async function appendAsOther(machine: Machine, plan: PlanId, event: EncodedEvent): Promise<void> {
  const { events } = openMemory({ clock: machine.world.clock, contents: machine.contents });
  const stream = planStream(plan);
  const id = newBatchId(1, machine.world.random.bytes(10));
  const origin = {
    batch: id,
    occurredAt: machine.world.now(),
    tenant: "default",
    correlation: plan,
    actor: "os:other",
  };
  await events.append({ id, stream, expectedRevision: await events.revision(stream), origin, events: [event] });
}
