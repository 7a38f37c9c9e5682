import type { BlobStore } from "#src/ports/blob-store.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { arriveLate, faultyAppend, holdUp, storeFull, type AppendFaults } from "#src/simulation/faulty-append.ts";
import { faultyIterable, portCall, slowly, type Call } from "#src/simulation/port-call.ts";
import { within } from "#src/simulation/process.ts";

// The ports of a store as a simulated process meets them: every call may be the last thing the process does, an append's
// answer may be lost, a disk takes its time to answer, or has no room, and a server is not reached by who is cut off.

export interface StorePorts {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly views: ViewStore;
  readonly blobs: BlobStore;
}

export interface FaultyPortsOptions extends AppendFaults {
  /** Nothing can be written. */
  readonly isFull: () => boolean;
}

export function faultyPorts(real: StorePorts, options: FaultyPortsOptions): StorePorts {
  const call: Call = (name, act) => portCall(name, act, options);
  const write: Call = (name, act) => call(name, () => (options.isFull() ? Promise.reject(storeFull()) : act()));
  const disk: Call = (name, act) => write(name, () => slowly(act, options));
  const { snapshots, views } = real;
  return {
    events: faultyEvents(real.events, { options, call, disk }),
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
    blobs: faultyBlobs(real, { options, call, disk }),
  };
}

interface Calls {
  readonly options: FaultyPortsOptions;
  readonly call: Call;
  readonly disk: Call;
}

function faultyEvents(events: EventStore, { options, call, disk }: Calls): EventStore {
  const { process } = options;
  const isShared = events.isShared === true;
  const ask: Call = (name, act) => call(name, () => reached(isShared, options, act));
  return {
    isShared,
    append: (batch) => {
      if (isShared) holdUp(options);
      const answer = disk("append", () => faultyAppend(events, batch, options));
      if (isShared && !process.alive) arriveLate(events, batch, options);
      return answer;
    },
    read: (stream, reach) => faultyIterable(events.read(stream, reach), ask, options),
    readAll: (reach) => faultyIterable(events.readAll(reach), ask),
    subscribe: (from) => faultyIterable(events.subscribe(from), ask),
    revision: (stream) => ask("revision", () => events.revision(stream)),
    head: () => ask("head", () => events.head()),
    [Symbol.asyncDispose]: () => within(process, events[Symbol.asyncDispose]()),
  };
}

function faultyBlobs({ blobs, events }: StorePorts, { options, call, disk }: Calls): BlobStore {
  const isShared = events.isShared === true;
  const reach = <T>(act: () => Promise<T>): Promise<T> => reached(isShared, options, act);
  const ask: Call = (name, act) => call(name, () => reach(act));
  return {
    refOf: (bytes) => blobs.refOf(bytes),
    put: (bytes) => disk("blob.put", () => reach(() => blobs.put(bytes))),
    get: (ref) => ask("blob.get", () => slowly(() => blobs.get(ref), options)),
    has: (ref) => ask("blob.has", () => blobs.has(ref)),
    list: () => faultyIterable(blobs.list(), ask),
    remove: (ref, before) => ask("blob.remove", () => blobs.remove(ref, before)),
  };
}

/** What is on a server happens when the process reaches it, and is answered when the answer does. */
async function reached<T>(isShared: boolean, { process }: FaultyPortsOptions, act: () => Promise<T>): Promise<T> {
  if (!isShared) return act();
  await process.reaching();
  const result = await act();
  await process.reaching();
  return result;
}
