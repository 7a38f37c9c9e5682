import { coordinatorId, RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import type { EngineOptions } from "#src/api/engine-options.ts";
import { EXECUTOR_LEASE_MS } from "#src/ports/bus.ts";
import { ANSWERS, CHANGES, PLANS, REQUESTS, TOOLS } from "#src/projecting/current-views.ts";
import { Projector } from "#src/projecting/projector.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";

// What an engine is made of that has to be read from the store before it can be: the views up to the head of the log, the plans in
// quarantine, and the epoch of whoever has the log for itself.

export interface OpenedParts {
  readonly context: Omit<RuntimeContext, "hooks" | "ownership">;
  /** Of whoever has the log for itself. */
  readonly soleEpoch: number;
  readonly quarantine: Quarantine;
  readonly stopping: AbortController;
  readonly projector: Projector;
}

export async function openParts(options: EngineOptions): Promise<OpenedParts> {
  const { clock, random, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const projector = new Projector({ ...options, families: [PLANS, TOOLS, REQUESTS, ANSWERS, CHANGES] });
  const { events } = projector;
  // Interrupted plans are found in the view of plans; the other views are built while plans run.
  await projector.catchUp([PLANS]);
  const quarantine = await Quarantine.load({ events, clock, random, log, signal });
  const payloads = new Payloads(options.blobs);
  const incarnation = uuidV7(clock.now(), random.bytes(RANDOM_BYTES_PER_ID));
  const { id = coordinatorId.parse(`local-${incarnation}`) } = options.cluster ?? {};
  const lending = { now: () => clock.monotonic(), leaseMs: EXECUTOR_LEASE_MS };
  const ledger = new SlotLedger(options.limits, options.cluster === undefined ? undefined : lending);
  // Larger than any owner's before: who wrote anything has moved the head, and who did not has let nothing out.
  const soleEpoch = (await events.head()) + 2;
  const context = { ...options, id, events, payloads, ledger, signal };
  projector.start();
  return { context, soleEpoch, quarantine, stopping, projector };
}
