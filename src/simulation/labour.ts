import type { Bus } from "#src/ports/bus.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Leases } from "#src/ports/leases.ts";
import { BusyProcess } from "#src/simulation/busy-process.ts";
import type { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// What the work of a coordinator's process costs it, by what goes through its ports: a cluster in which that takes time has a
// throughput.
//
// C1. Only what the process itself does is counted. Servers and executors are as fast as they are asked: what they can do is
//     no matter of this.

/** Milliseconds of one thread. */
export interface ServiceTimes {
  /** Sending, or hearing, one message. */
  readonly messageMs: number;
  /** Sending an append and hearing its answer. */
  readonly appendMs: number;
  /** Deciding, encoding and folding one fact. */
  readonly factMs: number;
  /** Reading one event, and what is made of it. */
  readonly readMs: number;
}

export class Labour {
  private readonly world: World;
  private readonly times: ServiceTimes;

  constructor(world: World, times: ServiceTimes) {
    this.world = world;
    this.times = times;
  }

  process(name: string, speed: number): BusyProcess {
    return new BusyProcess(name, speed, this.world);
  }

  events(real: EventStore, process: Process): EventStore {
    const { appendMs, factMs, readMs } = this.times;
    const work = working(process);
    return {
      isShared: real.isShared === true,
      append: (batch) => {
        work(appendMs + factMs * batch.events.length);
        return real.append(batch);
      },
      read: (stream, reach) => each(real.read(stream, reach), () => work(readMs)),
      readAll: (reach) => each(real.readAll(reach), () => work(readMs)),
      subscribe: (from) => each(real.subscribe(from), () => work(readMs)),
      revision: (stream) => real.revision(stream),
      head: () => real.head(),
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    };
  }

  bus(real: Bus, process: Process): Bus {
    const work = working(process);
    const telling = <A extends unknown[], R>(act: (...told: A) => R): ((...told: A) => R) => {
      return (...told) => {
        work(this.times.messageMs);
        return act(...told);
      };
    };
    return {
      toExecutor: telling(real.toExecutor),
      toExecutors: telling(real.toExecutors),
      toCoordinator: telling(real.toCoordinator),
      toCoordinators: telling(real.toCoordinators),
      toOwner: telling(real.toOwner),
      live: telling(real.live),
      onExecutor: (executor, handle) => real.onExecutor(executor, telling(handle)),
      onCoordinator: (coordinator, handle) => real.onCoordinator(coordinator, telling(handle)),
      onPartition: (partition, handle) => real.onPartition(partition, telling(handle)),
      onLive: (handle) => real.onLive(telling(handle)),
    };
  }

  leases(real: Leases, process: Process): Leases {
    const { messageMs } = this.times;
    const work = working(process);
    const asking = <A extends unknown[], R>(act: (...asked: A) => R): ((...asked: A) => R) => {
      return (...asked) => {
        work(2 * messageMs);
        return act(...asked);
      };
    };
    return {
      put: asking(real.put),
      remove: asking(real.remove),
      list: asking(real.list),
      watch: (signal) => each(real.watch(signal), () => work(messageMs)),
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    };
  }
}

function working(process: Process): (ms: number) => void {
  return (ms) => {
    if (process instanceof BusyProcess) process.work(ms);
  };
}

async function* each<T>(source: AsyncIterable<T>, happens: () => void): AsyncIterable<T> {
  for await (const one of source) {
    happens();
    yield one;
  }
}
