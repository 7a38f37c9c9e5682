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

/** What a socket brings at once: 16 KiB of events. */
const EVENTS_PER_CHUNK = 50;

export class Labour {
  /** By all of them. */
  eventsRead = 0;
  private readonly world: World;
  private readonly times: ServiceTimes;

  constructor(world: World, times: ServiceTimes) {
    this.world = world;
    this.times = times;
  }

  process(name: string, speed: number): BusyProcess {
    return new BusyProcess(name, speed, this.world);
  }

  /** What is read comes from the server itself, many events at a time. */
  events(real: EventStore, server: EventStore, process: Process): EventStore {
    const { appendMs, factMs } = this.times;
    const work = working(process);
    return {
      isShared: real.isShared === true,
      append: (batch) => {
        work(appendMs + factMs * batch.events.length);
        return real.append(batch);
      },
      read: (stream, reach) => this.chunks(server.read(stream, reach), process),
      readAll: (reach) => this.chunks(server.readAll(reach), process),
      subscribe: (from) => this.chunks(server.subscribe(from), process),
      revision: (stream) => real.revision(stream),
      head: () => real.head(),
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    };
  }

  bus(real: Bus, process: Process): Bus {
    const work = working(process);
    const { messageMs } = this.times;
    const tell = (act: () => void): void => {
      work(messageMs);
      act();
    };
    const hearing = <M>(handle: (message: M) => void): ((message: M) => void) => {
      return (message) => tell(() => handle(message));
    };
    return {
      toExecutor: (executor, message, isWanted) => tell(() => real.toExecutor(executor, message, isWanted)),
      toExecutors: (message) => tell(() => real.toExecutors(message)),
      toCoordinator: (coordinator, message) => tell(() => real.toCoordinator(coordinator, message)),
      toCoordinators: (message) => tell(() => real.toCoordinators(message)),
      toOwner: (message) => tell(() => real.toOwner(message)),
      live: (message) => tell(() => real.live(message)),
      onExecutor: (executor, handle) => real.onExecutor(executor, hearing(handle)),
      onCoordinator: (coordinator, handle) => real.onCoordinator(coordinator, hearing(handle)),
      onPartition: (partition, handle) => real.onPartition(partition, hearing(handle)),
      onLive: (handle) => real.onLive(hearing(handle)),
    };
  }

  leases(real: Leases, process: Process): Leases {
    const { messageMs } = this.times;
    const work = working(process);
    const ask = <T>(act: () => Promise<T>): Promise<T> => {
      work(2 * messageMs);
      return act();
    };
    return {
      put: (key, value, expected) => ask(() => real.put(key, value, expected)),
      remove: (key, expected) => ask(() => real.remove(key, expected)),
      list: () => ask(() => real.list()),
      watch: (signal) => each(real.watch(signal), () => work(messageMs)),
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    };
  }

  private async *chunks<T>(source: AsyncIterable<T>, process: Process): AsyncIterable<T> {
    const work = working(process);
    let left = 0;
    for await (const one of source) {
      if (left-- === 0) {
        await new Promise<void>((resolve) => {
          process.run(resolve);
        });
        left = EVENTS_PER_CHUNK - 1;
      }
      this.eventsRead++;
      work(this.times.readMs);
      yield one;
    }
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
