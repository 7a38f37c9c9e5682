import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { AppendResult, EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import { within, type Process, type World } from "../world.ts";

// The ports as a simulated process meets them: every call may be the last thing the process does, an append's answer may
// be lost, a message may be lost, late, doubled or overtaken. A disk takes its time to answer.

export interface FaultRates {
  /** Chance that a port call kills its process: before the call, or after it had its effect. */
  crash: number;
  lostAnswer: number;
  refusedAppend: number;
  dropped: number;
  doubled: number;
  maxDelayMs: number;
  /** Most time that a disk takes to answer. */
  maxDiskMs: number;
  /** Chance, each second, that a blob is damaged. */
  damage: number;
}

export const CALM: FaultRates = {
  crash: 0,
  lostAnswer: 0,
  refusedAppend: 0,
  dropped: 0,
  doubled: 0,
  maxDelayMs: 2,
  maxDiskMs: 2,
  damage: 0,
};

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
  /** Told of a batch at the moment at which the store takes it. */
  readonly onAppend: (batch: Batch) => void;
}

type Call = <T>(name: string, act: () => Promise<T>) => Promise<T>;

export function faultyPorts(real: FaultyPorts, deps: Deps): FaultyPorts {
  const { process } = deps;
  const call: Call = (name, act) => portCall(name, act, deps);
  return {
    events: {
      append: (batch) => call("append", () => faultyAppend(real.events, batch, deps)),
      read: (stream, options) => faultyIterable(real.events.read(stream, options), call, deps),
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
      put: (bytes) => call("blob.put", () => slowly(() => real.blobs.put(bytes), deps)),
      get: (ref) => call("blob.get", () => slowly(() => real.blobs.get(ref), deps)),
      has: (ref) => call("blob.has", () => real.blobs.has(ref)),
      list: () => faultyIterable(real.blobs.list(), call),
      remove: (ref, before) => call("blob.remove", () => real.blobs.remove(ref, before)),
    },
  };
}

async function faultyAppend(events: EventStore, batch: Batch, { world, rates, onAppend }: Deps): Promise<AppendResult> {
  if (world.random.chance(rates.refusedAppend)) {
    throw new Fault("store-full", "the simulated disk is full", { retryable: true });
  }
  const isLost = world.random.chance(rates.lostAnswer);
  if (isLost && world.random.chance(0.5)) throw unknown(batch);
  onAppend(batch);
  const result = await events.append(batch);
  if (isLost) throw unknown(batch);
  return result;
}

/** Happens some time later; a process that dies meanwhile may or may not have had it done. */
function slowly<T>(act: () => Promise<T>, { world, process, rates }: Deps): Promise<T> {
  const isBegun = world.random.chance(0.5) ? undefined : process;
  return new Promise<T>((resolve, reject) => {
    world.schedule(world.random.next() * rates.maxDiskMs, () => void act().then(resolve, reject), isBegun);
  });
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

/** Of one who reads, the first answer takes its time. */
async function* faultyIterable<T>(source: AsyncIterable<T>, call: Call, deps?: Deps): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  for (let isFirst = true; ; isFirst = false) {
    const next = (): Promise<IteratorResult<T>> => iterator.next();
    const step = await call("read", isFirst && deps !== undefined ? () => slowly(next, deps) : next);
    if (step.done === true) return;
    yield step.value;
  }
}
