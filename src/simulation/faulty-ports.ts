import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { AppendResult, EventStore } from "#src/ports/event-store.ts";
import type { Leases } from "#src/ports/leases.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import { within, type Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// The ports of a store as a simulated process meets them: every call may be the last thing the process does, an append's
// answer may be lost, and a disk takes its time to answer, or has no room.

export interface StorePorts {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly views: ViewStore;
  readonly blobs: BlobStore;
}

export interface FaultyPortsOptions {
  readonly world: World;
  readonly process: Process;
  readonly rates: FaultRates;
  /** Nothing can be written. */
  readonly isFull: () => boolean;
  readonly onCrash: () => void;
  /** Told of a batch at the moment at which the store takes it. */
  readonly onAppend: (batch: Batch) => void;
}

type Call = <T>(name: string, act: () => Promise<T>) => Promise<T>;

export function faultyPorts(real: StorePorts, options: FaultyPortsOptions): StorePorts {
  const { process } = options;
  const call: Call = (name, act) => portCall(name, act, options);
  const write: Call = (name, act) => call(name, () => (options.isFull() ? Promise.reject(full()) : act()));
  const disk: Call = (name, act) => write(name, () => slowly(act, options));
  const { events, snapshots, views, blobs } = real;
  return {
    events: {
      isShared: events.isShared === true,
      append: (batch) => {
        const answer = disk("append", () => faultyAppend(events, batch, options));
        if (events.isShared === true && !process.alive) arriveLate({ events, batch }, options);
        return answer;
      },
      read: (stream, reach) => faultyIterable(events.read(stream, reach), call, options),
      readAll: (reach) => faultyIterable(events.readAll(reach), call),
      subscribe: (from) => faultyIterable(events.subscribe(from), call),
      revision: (stream) => call("revision", () => events.revision(stream)),
      head: () => call("head", () => events.head()),
      [Symbol.asyncDispose]: () => within(process, events[Symbol.asyncDispose]()),
    },
    snapshots: {
      load: (stream, atMost) => call("snapshot.load", () => snapshots.load(stream, atMost)),
      save: (stream, snapshot) => write("snapshot.save", () => snapshots.save(stream, snapshot)),
    },
    views: {
      checkpoint: (view) => call("view.checkpoint", () => views.checkpoint(view)),
      get: (view, key) => call("view.get", () => views.get(view, key)),
      list: (view, which) => call("view.list", () => views.list(view, which)),
      versions: (name) => call("view.versions", () => views.versions(name)),
      save: (view, changes, checkpoint) => disk("view.save", () => views.save(view, changes, checkpoint)),
      drop: (view) => call("view.drop", () => views.drop(view)),
    },
    blobs: {
      refOf: (bytes) => blobs.refOf(bytes),
      put: (bytes) => disk("blob.put", () => blobs.put(bytes)),
      get: (ref) => call("blob.get", () => slowly(() => blobs.get(ref), options)),
      has: (ref) => call("blob.has", () => blobs.has(ref)),
      list: () => faultyIterable(blobs.list(), call),
      remove: (ref, before) => call("blob.remove", () => blobs.remove(ref, before)),
    },
  };
}

/** Leases of a server that other processes reach as well. */
export function faultyLeases(real: Leases, options: Omit<FaultyPortsOptions, "isFull" | "onAppend">): Leases {
  const { world, rates, process } = options;
  const call: Call = (name, act) => portCall(name, () => slowly(act, options), options);
  const change: Call = (name, act) =>
    call(name, async () => {
      const isLost = world.random.chance(rates.lostAnswer);
      if (isLost && world.random.chance(0.5)) throw unheard();
      const result = await act();
      if (isLost) throw unheard();
      return result;
    });
  return {
    put: (key, value, expected) => change("lease.put", () => real.put(key, value, expected)),
    remove: (key, expected) => change("lease.remove", () => real.remove(key, expected)),
    list: () => call("lease.list", () => real.list()),
    watch: (signal) => faultyIterable(real.watch(signal), (_, act) => within(process, act())),
    [Symbol.asyncDispose]: () => within(process, Promise.resolve(real[Symbol.asyncDispose]())),
  };
}

function unheard(): Fault {
  return new Fault("leases-unavailable", "no answer about a lease", { retryable: true });
}

type Appending = Pick<FaultyPortsOptions, "world" | "rates" | "onAppend">;

async function faultyAppend(
  events: EventStore,
  batch: Batch,
  { world, rates, onAppend }: Appending,
): Promise<AppendResult> {
  if (world.random.chance(rates.refusedAppend)) throw full();
  const isLost = world.random.chance(rates.lostAnswer);
  if (isLost && world.random.chance(0.5)) {
    if (events.isShared === true && world.random.chance(0.5)) arriveLate({ events, batch }, { world, onAppend });
    throw unknown(batch);
  }
  onAppend(batch);
  const result = await events.append(batch);
  if (isLost) throw unknown(batch);
  return result;
}

/** What is on its way to a server may get there long after nobody waits for it any more, and whoever sent it is gone. */
function arriveLate(
  { events, batch }: { readonly events: EventStore; readonly batch: Batch },
  { world, onAppend }: Pick<Appending, "world" | "onAppend">,
): void {
  world.schedule(world.random.next() * MAX_LATE_MS, () => {
    onAppend(batch);
    events.append(batch).catch((error: unknown) => world.note(`an append came too late: ${String(error)}`));
  });
}

const MAX_LATE_MS = 10_000;

function full(): Fault {
  return new Fault("store-full", "the simulated disk is full", { retryable: true });
}

function unknown(batch: Batch): Fault {
  return new Fault("append-unknown", `no answer to an append to ${batch.stream}`, { retryable: true });
}

/** Happens some time later; a process that dies meanwhile may or may not have had it done. */
function slowly<T>(
  act: () => Promise<T>,
  { world, process, rates }: Pick<FaultyPortsOptions, "world" | "process" | "rates">,
): Promise<T> {
  const isBegun = world.random.chance(0.5) ? undefined : process;
  return new Promise<T>((resolve, reject) => {
    world.schedule(world.random.next() * rates.maxDiskMs, () => void act().then(resolve, reject), { process: isBegun });
  });
}

/** Dies before, in the middle of (the effect happened, the answer never came), or not at all. */
function portCall<T>(
  name: string,
  act: () => Promise<T>,
  { world, process, rates, onCrash }: Omit<FaultyPortsOptions, "isFull" | "onAppend">,
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

/** Of one who reads, the first answer takes its time. */
async function* faultyIterable<T>(
  source: AsyncIterable<T>,
  call: Call,
  options?: FaultyPortsOptions,
): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (let isFirst = true; ; isFirst = false) {
      const next = (): Promise<IteratorResult<T>> => iterator.next();
      const step = await call("read", isFirst && options !== undefined ? () => slowly(next, options) : next);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    void iterator.return?.();
  }
}
