import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventReader } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { layoutOf } from "#src/store/embedded/layout.ts";
import { openEmbedded, openEmbeddedReader } from "#src/store/embedded/open.ts";
import type { ReaderHandle, StoreHandle } from "#src/store/handle.ts";
import type { StoreAddress } from "#src/store/kurrent/address.ts";
import { Anchor } from "#src/store/kurrent/anchor.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import { asCacheDamage, verifyLog } from "#src/store/kurrent/verify.ts";
import type { VerifyOptions, VerifyReport } from "#src/store/verify-report.ts";

// The door of the store on a server: the log there, and beside it on this machine a cache of what is made from it (snapshots and
// views), in the embedded store's own layout.
//
// D1. The cache's lock is this machine's: one process of it holds the store. Other machines have locks of their own.
// D2. What is in the cache is believed only where its anchor is in the log; else, and where it is damaged or of another version, it is
//     thrown away and made again.
// D3. Nothing is saved that the anchor does not include (A1 of the anchor).

export interface KurrentOptions {
  readonly address: StoreAddress;
  /** Folder of this machine. A writer makes it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Faults: `store-locked`, `store-read-only`, `store-full`, `store-unavailable`, `store-access-denied`, `store-client-missing`. */
export async function openKurrent(options: KurrentOptions & { readonly command?: string }): Promise<StoreHandle> {
  await using opened = new AsyncDisposableStack();
  const { address, directory } = options;
  let cache = opened.adopt(await openedCache(options), close);
  const events = opened.use(eventsOf(options, opened.use(connectionOf(options))));
  const anchor = anchorIn(directory, events);
  if (!(await anchor.holds())) {
    await close(cache);
    cache = opened.adopt(await remadeCache(options), close);
  }
  const current = cache;
  const closing = opened.move();
  return {
    path: address.name,
    events,
    snapshots: guardedSnapshots(current.snapshots, anchor),
    views: guardedViews(current.views, anchor),
    announce: (socket) => current.announce(socket),
    verify: (asked) => verified(events, current, asked),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Beside the holder, or where nobody holds it. Faults: as above, without those of writing. */
export async function openKurrentReader(options: KurrentOptions): Promise<ReaderHandle> {
  await using opened = new AsyncDisposableStack();
  const { address, directory } = options;
  const events = opened.use(eventsOf(options, opened.use(connectionOf(options))));
  const isBelieved = await anchorIn(directory, events).holds();
  const cache = isBelieved ? await cacheBeside(options) : undefined;
  if (cache !== undefined) opened.use(cache);
  const closing = opened.move();
  return {
    path: address.name,
    events,
    snapshots: cache?.snapshots ?? NOTHING.snapshots,
    views: cache?.views ?? NOTHING.views,
    verify: (asked) => verified(events, cache, asked),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const NOTHING: Pick<ReaderHandle, "snapshots" | "views"> = {
  snapshots: { load: async () => undefined },
  views: { checkpoint: async () => -1, get: async () => undefined, list: async () => [], versions: async () => [] },
};

function connectionOf({ address, clock }: KurrentOptions): KurrentConnection {
  return new KurrentConnection({ address, clock });
}

function eventsOf({ address, clock, log }: KurrentOptions, connection: KurrentConnection): KurrentEventStore {
  return new KurrentEventStore({ connection, namespace: address.prefix, clock, log });
}

function anchorIn(directory: string, events: Pick<EventReader, "read" | "readAll">): Anchor {
  return new Anchor(path.join(directory, ANCHOR), events);
}

const ANCHOR = "anchor.json";

async function openedCache(options: KurrentOptions): Promise<StoreHandle> {
  try {
    return await openEmbedded(options);
  } catch (error) {
    if (!Fault.is(error, "store-damaged") && !Fault.is(error, "store-newer")) throw error;
    options.log.warn("what is kept beside the log is damaged or of another version, and is made again", { error });
    return remadeCache(options);
  }
}

/** Whoever takes the lock in between has another empty one, and this process is told so. */
function remadeCache(options: KurrentOptions): Promise<StoreHandle> {
  const { database, head } = layoutOf(options.directory);
  mkdirSync(options.directory, { recursive: true });
  const files = [database, `${database}-wal`, `${database}-shm`, head, path.join(options.directory, ANCHOR)];
  for (const file of files) rmSync(file, { force: true });
  return openEmbedded(options);
}

/** Undefined where there is none to read. */
async function cacheBeside(options: KurrentOptions): Promise<ReaderHandle | undefined> {
  try {
    return await openEmbeddedReader(options);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

async function verified(
  events: EventReader,
  cache: ReaderHandle | undefined,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const report = await verifyLog(events, options);
  const { signal } = options;
  const beside = await cache?.verify(signal === undefined ? {} : { signal });
  return beside === undefined ? report : { ...report, damages: [...report.damages, ...asCacheDamage(beside)] };
}

function guardedSnapshots(snapshots: SnapshotStore, anchor: Anchor): SnapshotStore {
  return {
    load: (stream, atMostRevision) => snapshots.load(stream, atMostRevision),
    save: async (stream, snapshot) => {
      await anchor.include();
      await snapshots.save(stream, snapshot);
    },
  };
}

function guardedViews(views: ViewStore, anchor: Anchor): ViewStore {
  return {
    checkpoint: (view) => views.checkpoint(view),
    get: (view, key) => views.get(view, key),
    list: (view, options) => views.list(view, options),
    versions: (name) => views.versions(name),
    drop: (view) => views.drop(view),
    save: async (view, changes, checkpoint) => {
      await anchor.include(checkpoint);
      await views.save(view, changes, checkpoint);
    },
  };
}

async function close(store: StoreHandle): Promise<void> {
  await store[Symbol.asyncDispose]();
}
