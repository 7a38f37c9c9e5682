import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { ExecutorId } from "#events/ids.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { Bus, CoordinatorMessage, ExecutorMessage } from "#src/ports/bus.ts";
import type { AppendResult, EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import { within, type Process, type World } from "./world.ts";

// The ports as a simulated process meets them: every call may be the last thing the process does, an append's answer may
// be lost, a message may be lost, late, doubled or overtaken.

export interface FaultRates {
  /** Chance that a port call kills its process: before the call, or after it had its effect. */
  crash: number;
  lostAnswer: number;
  refusedAppend: number;
  dropped: number;
  doubled: number;
  maxDelayMs: number;
}

export const CALM: FaultRates = { crash: 0, lostAnswer: 0, refusedAppend: 0, dropped: 0, doubled: 0, maxDelayMs: 2 };

export interface FaultyPorts {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly blobs: BlobStore;
}

interface Deps {
  readonly world: World;
  readonly process: Process;
  readonly rates: FaultRates;
  readonly onCrash: () => void;
}

export function faultyPorts(real: FaultyPorts, deps: Deps): FaultyPorts {
  const { process } = deps;
  const call = <T>(name: string, act: () => Promise<T>): Promise<T> => portCall(name, act, deps);
  return {
    events: {
      append: (batch) => call("append", () => faultyAppend(real.events, batch, deps)),
      read: (stream, options) => faultyIterable(real.events.read(stream, options), call),
      readAll: (options) => faultyIterable(real.events.readAll(options), call),
      subscribe: (options) => faultyIterable(real.events.subscribe(options), call),
      revision: (stream) => call("revision", () => real.events.revision(stream)),
      head: () => call("head", () => real.events.head()),
      [Symbol.asyncDispose]: () => within(process, real.events[Symbol.asyncDispose]()),
    },
    snapshots: {
      load: (stream, atMost) => call("snapshot.load", () => real.snapshots.load(stream, atMost)),
      save: (stream, snapshot) => call("snapshot.save", () => real.snapshots.save(stream, snapshot)),
    },
    blobs: {
      refOf: (bytes) => real.blobs.refOf(bytes),
      put: (bytes) => call("blob.put", () => real.blobs.put(bytes)),
      get: (ref) => call("blob.get", () => real.blobs.get(ref)),
      has: (ref) => call("blob.has", () => real.blobs.has(ref)),
      list: () => faultyIterable(real.blobs.list(), call),
      remove: (ref, before) => call("blob.remove", () => real.blobs.remove(ref, before)),
    },
  };
}

async function faultyAppend(events: EventStore, batch: Batch, { world, rates }: Deps): Promise<AppendResult> {
  if (world.random.chance(rates.refusedAppend)) {
    throw new Fault("store-full", "the simulated disk is full", { retryable: true });
  }
  const isLost = world.random.chance(rates.lostAnswer);
  if (isLost && world.random.chance(0.5)) throw unknown(batch);
  const result = await events.append(batch);
  if (isLost) throw unknown(batch);
  return result;
}

function unknown(batch: Batch): Fault {
  return new Fault("append-unknown", `no answer to an append to ${batch.stream}`, { retryable: true });
}

/** Dies before, in the middle of (the effect happened, the answer never came), or not at all. */
function portCall<T>(name: string, act: () => Promise<T>, { world, process, rates, onCrash }: Deps): Promise<T> {
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

async function* faultyIterable<T>(
  source: AsyncIterable<T>,
  call: <R>(name: string, act: () => Promise<R>) => Promise<R>,
): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const step = await call("read", () => iterator.next());
    if (step.done === true) return;
    yield step.value;
  }
}

type Handler<M> = { readonly process: Process; readonly handle: (message: M) => void };

/** One bus for all processes; `as` gives a process its own door to it. */
export class SimulatedBus {
  private readonly world: World;
  private readonly rates: FaultRates;
  private readonly executors = new Map<ExecutorId, Handler<ExecutorMessage>>();
  private coordinators: Handler<CoordinatorMessage>[] = [];
  /** Told of every command as it is sent, before any fault. */
  onSent: (executor: ExecutorId, message: ExecutorMessage) => void = () => undefined;

  constructor(world: World, rates: FaultRates) {
    this.world = world;
    this.rates = rates;
  }

  as(process: Process): Bus {
    return {
      toExecutor: (executor, message) => {
        if (!process.alive) return;
        this.onSent(executor, message);
        this.carry(() => this.executors.get(executor), message);
      },
      toExecutors: (message) => {
        if (!process.alive) return;
        for (const executor of this.executors.keys()) this.carry(() => this.executors.get(executor), message);
      },
      toCoordinators: (message) => {
        if (!process.alive) return;
        for (const handler of this.coordinators) this.carry(() => handler, message);
      },
      live: () => undefined,
      onExecutor: (executor, handle) => {
        this.executors.set(executor, { process, handle });
        return { [Symbol.dispose]: () => this.executors.delete(executor) };
      },
      onCoordinator: (handle) => {
        const handler = { process, handle };
        this.coordinators.push(handler);
        return { [Symbol.dispose]: () => (this.coordinators = this.coordinators.filter((other) => other !== handler)) };
      },
      onLive: () => ({ [Symbol.dispose]: () => undefined }),
    };
  }

  private carry<M>(to: () => Handler<M> | undefined, message: M): void {
    const { random } = this.world;
    if (random.chance(this.rates.dropped)) return;
    const copies = random.chance(this.rates.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.world.schedule(random.next() * this.rates.maxDelayMs, () => {
        const handler = to();
        if (handler?.process.alive === true) handler.handle(message);
      });
    }
  }
}
