import type { FaultRates } from "#src/simulation/fault-rates.ts";
import { within, type Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// A call of a port as a simulated process makes it: it may be the last thing that the process does, takes its time, and goes
// nowhere while the process is cut off from what it calls.

export interface PortFaults {
  readonly world: World;
  readonly process: Process;
  readonly rates: FaultRates;
  readonly onCrash: () => void;
}

export type Call = <T>(name: string, act: () => Promise<T>) => Promise<T>;

/** Dies before, in the middle of (the effect happened, the answer never came), or not at all. */
export function portCall<T>(
  name: string,
  act: () => Promise<T>,
  { world, process, rates, onCrash }: PortFaults,
): Promise<T> {
  if (!process.alive) return new Promise<T>(() => undefined);
  const crashes = world.random.chance(rates.crash);
  if (crashes && world.random.chance(0.5)) {
    world.note(`${process.name} dies before ${name}`);
    onCrash();
    return new Promise<T>(() => undefined);
  }
  const result = act();
  if (!crashes) return within(process, result);
  const die = (): void => {
    if (!process.alive) return;
    world.note(`${process.name} dies in ${name}`);
    onCrash();
  };
  void result.then(die, die);
  return new Promise<T>(() => undefined);
}

/** Happens some time later; a process that dies or stands still meanwhile may or may not have had it done. */
export function slowly<T>(
  act: () => Promise<T>,
  { world, process, rates }: Pick<PortFaults, "world" | "process" | "rates">,
): Promise<T> {
  // What stands still now had no time to begin.
  const isBegun = !process.isStanding && world.random.chance(0.5);
  return new Promise<T>((resolve, reject) => {
    const begin = (): void => void act().then(resolve, reject);
    world.schedule(world.random.next() * rates.maxDiskMs, begin, { process: isBegun ? undefined : process });
  });
}

/** Of one who reads, the first answer takes its time. */
export async function* faultyIterable<T>(source: AsyncIterable<T>, call: Call, faults?: PortFaults): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (let isFirst = true; ; isFirst = false) {
      const next = (): Promise<IteratorResult<T>> => iterator.next();
      const step = await call("read", isFirst && faults !== undefined ? () => slowly(next, faults) : next);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    void iterator.return?.();
  }
}
