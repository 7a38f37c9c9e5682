import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import { Engine } from "#src/api/engine.ts";
import { PlanReader, type ReadableStore } from "#src/api/plan-reader.ts";
import { fileBlobs, openFileBlobs } from "#src/blobs/file.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { limitsFrom, type DeclaredLimits } from "#src/config/limits.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { environmentSecrets } from "#src/secrets/environment.ts";
import { fileSecrets } from "#src/secrets/files.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { openEmbedded, openEmbeddedReader, type EmbeddedReader, type EmbeddedStore } from "#src/store/embedded/open.ts";
import { layoutOf } from "#src/store/embedded/layout.ts";
import { acquireWriterLock } from "#src/store/embedded/writer-lock.ts";
import { builtinTools } from "#src/tools/builtin/all.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";

// Builds everything from the real parts: the doors (command line, library) ask here and know no implementation.
//
// P1. What was opened is closed in reverse order, and a part that fails to open closes those before it.
// P2. The store outlives the engines over it: runs with different grants take turns on one store.

export const DEFAULT_STORE = ".planwright";
export const DEFAULT_SLOTS = 8;

const BLOBS = "blobs";

export interface StoreOptions {
  /** The store's folder. Default: `.planwright` in the current directory. */
  readonly store?: string;
  /** What others are told who find the store held. Default: this process's arguments. */
  readonly command?: string;
}

/** The embedded store, open for writing. */
export interface OpenStore extends AsyncDisposable {
  readonly directory: string;
  readonly embedded: EmbeddedStore;
  readonly blobs: BlobStore;
}

/** What steps may touch and use. */
export interface EngineGrants {
  /** Directory that the fs, shell and git tools stay inside. Default: the current directory. */
  readonly root?: string;
  /** Attempts that run at once. */
  readonly slots?: number;
  readonly allowPrivateNetwork?: boolean;
  /** Tools beside the built-in ones; one with the name of a built-in takes its place. */
  readonly tools?: readonly Tool[];
  /** Default: `declaredSecrets()`, which are environment variables `PLANWRIGHT_SECRET_…`. */
  readonly secrets?: Secrets;
  /** What plans may take together of pools, concurrency keys and resources. Default: each key one at a time. */
  readonly limits?: DeclaredLimits;
  readonly log?: Log;
  /** Principal of what is asked. Default: the operating system's user. */
  readonly actor?: string;
}

export interface Planwright extends AsyncDisposable {
  readonly engine: Engine;
  readonly tools: ToolRegistry;
  readonly store: OpenStore;
}

export interface PlanwrightReader extends AsyncDisposable {
  readonly directory: string;
  readonly embedded: EmbeddedReader;
  readonly blobs: BlobStore;
  readonly plans: PlanReader;
}

/** An engine over a store of its own. Faults: those of `openStore`. */
export async function openPlanwright(options: StoreOptions & EngineGrants = {}): Promise<Planwright> {
  const tools = toolRegistry(options.tools);
  const store = await openStore(options);
  try {
    const engine = await openEngine(store, { ...options, tools });
    return { engine, tools, store, [Symbol.asyncDispose]: () => closeAll(engine, store) };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** Faults: `store-locked`, `store-read-only`, `store-newer`, `store-damaged`, `store-full`, `store-unavailable`. */
export async function openStore({ store = DEFAULT_STORE, command }: StoreOptions): Promise<OpenStore> {
  const directory = path.resolve(store);
  const named = command === undefined ? {} : { command };
  const embedded = await openEmbedded({ directory, clock: systemClock, ...named });
  try {
    const blobs = await openFileBlobs(path.join(directory, BLOBS));
    return { directory, embedded, blobs, [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose]() };
  } catch (error) {
    await embedded[Symbol.asyncDispose]();
    throw error;
  }
}

/** The engine is the caller's to close, before the store. */
export function openEngine(
  store: OpenStore,
  grants: Omit<EngineGrants, "tools"> & { readonly tools: ToolRegistry },
): Promise<Engine> {
  const log = grants.log ?? SILENT;
  const { events, snapshots, views } = store.embedded;
  return Engine.open({
    events,
    snapshots,
    views,
    blobs: store.blobs,
    bus: new MemoryBus(log),
    clock: systemClock,
    random: systemRandom,
    log,
    tools: grants.tools,
    roots: { fs: path.resolve(grants.root ?? "."), allowPrivateNetwork: grants.allowPrivateNetwork ?? false },
    secrets: grants.secrets ?? declaredSecrets(),
    limits: limitsFrom(grants.limits),
    slots: grants.slots ?? DEFAULT_SLOTS,
    actor: grants.actor ?? `os:${userInfo().username}`,
  });
}

/** Where secrets are kept, beside the environment variables `PLANWRIGHT_SECRET_…`. */
export interface DeclaredSecrets {
  /** Another prefix than `PLANWRIGHT_SECRET_`; never empty. */
  readonly environment?: { readonly prefix: string } | undefined;
  /** A directory with one file a secret; it is asked before the environment. */
  readonly files?: { readonly directory: string } | undefined;
}

export function declaredSecrets({ environment, files }: DeclaredSecrets = {}): Secrets {
  const variables = environmentSecrets(process.env, environment?.prefix);
  return files === undefined ? secretsFrom(variables) : secretsFrom(fileSecrets(files.directory), variables);
}

/** Reads a store beside whoever holds it. Faults: `store-newer`, `store-damaged`, `store-unavailable`. */
export async function openReader({ store = DEFAULT_STORE }: StoreOptions = {}): Promise<PlanwrightReader> {
  const directory = path.resolve(store);
  const embedded = await openEmbeddedReader({ directory, clock: systemClock });
  const { events, views } = embedded;
  const blobs = fileBlobs(path.join(directory, BLOBS));
  const source: ReadableStore = { events, views, blobs, snapshots: embedded.snapshots };
  const plans = new PlanReader(source);
  return { directory, embedded, blobs, plans, [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose]() };
}

/** Whether there is a store at all: asking for one by opening it for writing would make it. */
export function hasStore({ store = DEFAULT_STORE }: StoreOptions = {}): boolean {
  return existsSync(layoutOf(path.resolve(store)).database);
}

/** Who holds the store for writing, in a sentence; undefined for nobody. Takes the lock for a moment to find out. */
export async function storeHolder({ store = DEFAULT_STORE }: StoreOptions = {}): Promise<string | undefined> {
  const layout = layoutOf(path.resolve(store));
  try {
    const holder = { pid: process.pid, command: "planwright doctor", since: systemClock.now() };
    acquireWriterLock(layout, holder)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (Fault.is(error, "store-locked")) return holderText(error.details);
    // A folder that cannot be written has no holder.
    if (Fault.is(error, "store-read-only") || Fault.is(error, "store-full")) return undefined;
    throw error;
  }
}

/** The built-in tools and those of the user. Throws a TypeError when two of the user's claim one name. */
export function toolRegistry(tools: readonly Tool[] = []): ToolRegistry {
  const own = new Set(tools.map(({ name }) => name));
  return registry([...tools, ...builtinTools.filter(({ name }) => !own.has(name))]);
}

function holderText({ pid, command, since }: Fault["details"]): string {
  if (typeof pid !== "number") return "another process";
  const from = typeof since === "number" ? ` since ${new Date(since).toISOString()}` : "";
  return `process ${pid}${typeof command === "string" ? ` (${command})` : ""}${from}`;
}

async function closeAll(...resources: readonly AsyncDisposable[]): Promise<void> {
  for (const resource of resources) await resource[Symbol.asyncDispose]();
}
