import { Fault } from "#events/fault.ts";
import { sleep } from "#src/ports/clock.ts";
import type { Leases } from "#src/ports/leases.ts";
import { faultyIterable, portCall, slowly, type Call, type PortFaults } from "#src/simulation/port-call.ts";
import { within } from "#src/simulation/process.ts";

// Leases of a server that other processes reach as well: answers are lost, and of who is cut off nothing is heard, though what
// it asked for may arrive when there is a network again.

/** How long an answer about a lease is waited for. */
const LEASE_DEADLINE_MS = 1_000;
/** By how much more, each time, who watches the leases may be behind, although it is heard itself: longer than a lease. */
const MAX_BEHIND_MS = 8_000;
const NEVER = new AbortController().signal;

export function faultyLeases(real: Leases, faults: PortFaults): Leases {
  const { world, rates, process } = faults;
  const call: Call = (name, act) => portCall(name, () => slowly(act, faults), faults);
  const ask: Call = (name, act) => call(name, () => (process.isCutOff ? unanswered(act, faults) : act()));
  const change: Call = (name, act) =>
    ask(name, async () => {
      const isLost = world.random.chance(rates.lostAnswer);
      if (isLost && world.random.chance(0.5)) throw unheard();
      const result = await act();
      if (isLost) throw unheard();
      return result;
    });
  const hear: Call = async (_, act) => {
    const heard = await within(process, act());
    if (world.random.chance(rates.heldUp)) await sleep(world.clock, world.random.next() * MAX_BEHIND_MS, NEVER);
    await within(process, process.reaching());
    return heard;
  };
  return {
    put: (key, value, expected) => change("lease.put", () => real.put(key, value, expected)),
    remove: (key, expected) => change("lease.remove", () => real.remove(key, expected)),
    list: () => ask("lease.list", () => real.list()),
    watch: (signal) => faultyIterable(real.watch(signal), hear),
    [Symbol.asyncDispose]: () => within(process, Promise.resolve(real[Symbol.asyncDispose]())),
  };
}

async function unanswered(act: () => Promise<unknown>, { world, process }: PortFaults): Promise<never> {
  if (world.random.chance(0.5))
    void process
      .reaching()
      .then(act)
      .catch(() => undefined);
  await sleep(world.clock, LEASE_DEADLINE_MS, NEVER);
  throw unheard();
}

function unheard(): Fault {
  return new Fault("leases-unavailable", "no answer about a lease", { retryable: true });
}
