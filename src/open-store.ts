import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import { fileBlobs, openFileBlobs } from "#src/blobs/file.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { layoutOf } from "#src/store/embedded/layout.ts";
import { openEmbedded, openEmbeddedReader } from "#src/store/embedded/open.ts";
import { acquireWriterLock, readHolder, type Holder } from "#src/store/embedded/writer-lock.ts";
import type { ReaderHandle, StoreHandle } from "#src/store/handle.ts";
import { storeAddress, type StoreAddress } from "#src/store/kurrent/address.ts";

// Where a store is and what keeps it: a folder of this machine, or a server with a folder of this machine beside it. Who opens one
// gets the same from both.
//
// P1. The folder has the lock, the holder's file, the local socket and what plans were granted, whatever keeps the log.
// P2. What speaks to a server is loaded when a server is named.
// P3. Payloads are where all who have the log find them: beside it in the folder, or, where several machines share it, over NATS.

export const DEFAULT_STORE = ".planwright";

const BLOBS = "blobs";

export interface StoreOptions {
  /** The store's folder, or the URL of a server (`kurrentdb://…`, `esdb://…`). Default: `.planwright` in the current directory. */
  readonly store?: string;
  /** Beside a server's log: the folder of this machine. Default: one in `.planwright` that is named by the server. */
  readonly local?: string;
  /** Where coordinators that share a server's log keep its payloads. Default: the folder of this machine. */
  readonly nats?: NatsSettings;
  /** What others are told who find the store held. Default: this process's arguments. */
  readonly command?: string;
  readonly log?: Log;
}

interface Around {
  /** For people: the folder, or the server's URL without user and password. */
  readonly name: string;
  /** The folder of this machine (P1). */
  readonly directory: string;
  readonly command: string;
  readonly blobs: BlobStore;
}

/** A store that this process holds. */
export interface OpenStore extends StoreHandle, Around {}

/** A store beside its holder, or where there is none. */
export interface StoreToRead extends ReaderHandle, Around {}

/**
 * Faults: `store-locked`, `store-read-only`, `store-newer`, `store-damaged`, `store-full`, `store-unavailable`; of a server also
 * `store-address-invalid`, `store-credentials-unreadable`, `store-access-denied`, `store-client-missing`.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const place = placeOf(options);
  await using opened = new AsyncDisposableStack();
  const handle = opened.use(await openHandle(place, options));
  const blobs = (await sharedBlobs(place, options, opened)) ?? (await openFileBlobs(folderOfBlobs(place)));
  const closing = opened.move();
  return {
    ...handleOf(handle),
    ...around(place, options),
    blobs,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Faults: as above, without those of writing. */
export async function openStoreToRead(options: StoreOptions): Promise<StoreToRead> {
  const place = placeOf(options);
  await using opened = new AsyncDisposableStack();
  const handle = opened.use(await openReaderHandle(place, options));
  const { path: file, events, snapshots, views } = handle;
  const blobs = (await sharedBlobs(place, options, opened)) ?? fileBlobs(folderOfBlobs(place));
  const closing = opened.move();
  return {
    ...{ path: file, events, snapshots, views },
    ...around(place, options),
    blobs,
    verify: (asked) => handle.verify(asked),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Whether there is a store at all: asking for one by opening it for writing would make it. A server is found out about by asking it. */
export function hasStore(options: StoreOptions = {}): boolean {
  const { address, directory } = placeOf(options);
  return address !== undefined || existsSync(layoutOf(directory).database);
}

/** The folder of this machine. Faults: `store-address-invalid`, `store-credentials-unreadable`. */
export function directoryOf(options: StoreOptions): string {
  return placeOf(options).directory;
}

/** Who holds the store on this machine, as its file says (it proves nothing). */
export function holderOf(options: StoreOptions): Holder | undefined {
  return readHolder(layoutOf(placeOf(options).directory));
}

/** Who holds the store for writing, in a sentence; undefined for nobody. Takes the lock for a moment to find out. */
export async function storeHolder(options: StoreOptions = {}): Promise<string | undefined> {
  const { directory } = placeOf(options);
  if (!existsSync(directory)) return undefined;
  try {
    const holder = { pid: process.pid, command: "planwright doctor", since: systemClock.now() };
    acquireWriterLock(layoutOf(directory), holder)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (Fault.is(error, "store-locked")) return holderText(error.details);
    // A folder that cannot be written has no holder.
    if (Fault.is(error, "store-read-only") || Fault.is(error, "store-full")) return undefined;
    throw error;
  }
}

interface Place {
  readonly directory: string;
  /** Undefined for the embedded store. */
  readonly address?: StoreAddress;
}

/** Faults: `store-address-invalid`, `store-credentials-unreadable`. */
function placeOf({ store = DEFAULT_STORE, local }: StoreOptions): Place {
  if (!isStoreAddress(store)) return { directory: path.resolve(store) };
  const address = storeAddress(store, process.env);
  return { address, directory: path.resolve(local ?? path.join(DEFAULT_STORE, folderOf(address))) };
}

const FOLDER_HEX = 12;

/** The same for the same hosts and namespace, whatever else the URL says. */
function folderOf({ identity }: StoreAddress): string {
  return `server-${createHash("sha256").update(identity).digest("hex").slice(0, FOLDER_HEX)}`;
}

async function openHandle({ address, directory }: Place, options: StoreOptions): Promise<StoreHandle> {
  const { command = thisCommand(), log = SILENT } = options;
  if (address === undefined) return openEmbedded({ directory, clock: systemClock, command });
  const { openKurrent } = await import("#src/store/kurrent/open.ts");
  return openKurrent({ address, directory, clock: systemClock, log, command });
}

async function openReaderHandle({ address, directory }: Place, { log = SILENT }: StoreOptions): Promise<ReaderHandle> {
  if (address === undefined) return openEmbeddedReader({ directory, clock: systemClock });
  const { openKurrentReader } = await import("#src/store/kurrent/open.ts");
  return openKurrentReader({ address, directory, clock: systemClock, log });
}

/** Payloads of a log that several machines share are in a place that all of them reach, where one is named. */
async function sharedBlobs(
  { address }: Place,
  { nats, log = SILENT }: StoreOptions,
  opened: AsyncDisposableStack,
): Promise<BlobStore | undefined> {
  if (address === undefined || nats === undefined) return undefined;
  const { SharedBlobs } = await import("#src/nats/shared-blobs.ts");
  return opened.use(new SharedBlobs({ settings: nats, clock: systemClock, random: systemRandom, log }));
}

function folderOfBlobs({ directory }: Place): string {
  return path.join(directory, BLOBS);
}

/** The handle's methods, bound: it may be an instance of a class. */
function handleOf(handle: StoreHandle): StoreHandle {
  const { path: file, events, snapshots, views } = handle;
  return {
    ...{ path: file, events, snapshots, views },
    announce: (socket) => handle.announce(socket),
    verify: (asked) => handle.verify(asked),
    [Symbol.asyncDispose]: () => handle[Symbol.asyncDispose](),
  };
}

function around({ address, directory }: Place, { command = thisCommand() }: StoreOptions): Omit<Around, "blobs"> {
  return { name: address?.name ?? directory, directory, command };
}

function holderText({ pid, command, since }: Fault["details"]): string {
  if (typeof pid !== "number") return "another process";
  const from = typeof since === "number" ? ` since ${new Date(since).toISOString()}` : "";
  return `process ${pid}${typeof command === "string" ? ` (${command})` : ""}${from}`;
}

function thisCommand(): string {
  return process.argv.slice(1).join(" ");
}
