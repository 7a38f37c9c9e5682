import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { sleep } from "#src/ports/clock.ts";
import type { AppendResult, EventStore } from "#src/ports/event-store.ts";
import type { PortFaults } from "#src/simulation/port-call.ts";

// An append as it goes wrong: it is refused, its answer is lost, or, to a log that several have, it is on its way for longer
// than a lease and gets there when another one owns the plan.
//
// W1. A process may stand still between its last look at whether it owns the plan and the sending.
// W2. What was sent may arrive when its sender has given up asking, is cut off, or is dead.

export interface AppendFaults extends PortFaults {
  /** Told of a batch at the moment at which the store takes it. */
  readonly onAppend: (batch: Batch) => void;
}

/** How long one is held up: mostly longer than the lease of who sends, so that the next owner has written by then. */
const MIN_HELD_UP_MS = 2_000;
const MAX_HELD_UP_MS = 15_000;
const MAX_LATE_MS = 10_000;
/** How long an answer is waited for. */
const APPEND_DEADLINE_MS = 2_000;

/** Before an append is sent: perhaps it will be late. */
export function holdUp({ world, process, rates }: PortFaults): void {
  if (!process.alive || !world.random.chance(rates.heldUp)) return;
  const forMs = world.random.int(MIN_HELD_UP_MS, MAX_HELD_UP_MS);
  world.note(`an append of ${process.name} is held up`);
  if (world.random.chance(0.5)) world.halt(process, forMs);
  else world.cutOff(process, forMs);
}

export async function faultyAppend(events: EventStore, batch: Batch, faults: AppendFaults): Promise<AppendResult> {
  const { world, rates, onAppend, process } = faults;
  if (events.isShared === true && process.isCutOff) return unanswered(events, batch, faults);
  if (world.random.chance(rates.refusedAppend)) throw storeFull();
  const isLost = world.random.chance(rates.lostAnswer);
  if (isLost && world.random.chance(0.5)) {
    if (events.isShared === true && world.random.chance(0.5)) arriveLate(events, batch, faults);
    throw unknown(batch);
  }
  onAppend(batch);
  const result = await events.append(batch);
  if (isLost) throw unknown(batch);
  return result;
}

/** What is on its way to a server may get there long after nobody waits for it any more, and whoever sent it is gone. */
export function arriveLate(events: EventStore, batch: Batch, { world, onAppend }: AppendFaults): void {
  world.schedule(world.random.next() * MAX_LATE_MS, () => {
    onAppend(batch);
    events.append(batch).catch((error: unknown) => world.note(`an append came too late: ${String(error)}`));
  });
}

async function unanswered(events: EventStore, batch: Batch, faults: AppendFaults): Promise<never> {
  const { world, process, onAppend } = faults;
  void process.reaching().then(() => {
    onAppend(batch);
    events.append(batch).catch((error: unknown) => world.note(`an append came too late: ${String(error)}`));
  });
  await sleep(world.clock, APPEND_DEADLINE_MS, new AbortController().signal);
  throw unknown(batch);
}

export function storeFull(): Fault {
  return new Fault("store-full", "the simulated disk is full", { retryable: true });
}

function unknown(batch: Batch): Fault {
  return new Fault("append-unknown", `no answer to an append to ${batch.stream}`, { retryable: true });
}
