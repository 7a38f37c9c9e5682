import process from "node:process";
import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { Engine } from "#src/api/engine.ts";
import { joinAsCoordinator, type JoinedCoordinator } from "#src/cluster.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { openEngine } from "#src/compose.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import { openStore, type OpenStore } from "#src/open-store.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { PARTITIONS } from "#events/streams.ts";
import { echo, pause } from "../bench.tools.ts";
import { runPlan, sequentialPlan } from "../bench-engine.ts";

// A coordinator in the suite's process, as `planwright serve` is one; its executors are processes of their own. It is here so that
// it is asked without a call between processes: the raw loop, which it is held against, runs here as well.

const TOKEN = "PLANWRIGHT_NATS_TOKEN";
const LOOKS_EVERY_MS = 20;
const SHARES_WITHIN_MS = 30_000;

export interface CoordinatorOptions {
  /** The store's folder, or the URL of a server. */
  readonly store: string;
  /** The folder of this machine. */
  readonly local: string;
  readonly nats: { readonly url: string; readonly token: string };
}

export interface BenchCoordinator extends AsyncDisposable {
  readonly engine: Engine;
  readonly events: EventStore;
  /** What is called with each append from now on; undefined for nothing. */
  watchAppends(watch: ((batch: Batch) => void) | undefined): void;
}

/** Resolves when it owns every partition, and an executor has run a plan for it. */
export async function openCoordinator({ store: place, local, nats }: CoordinatorOptions): Promise<BenchCoordinator> {
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore({ store: place, local, command: "bench" }));
  let watch: ((batch: Batch) => void) | undefined;
  const watched = watchedStore(store, (batch) => watch?.(batch));
  const joined = opened.use(await join(nats));
  const tools = toolRegistry([echo, pause]);
  const engine = opened.use(await openEngine(watched, { tools, root: local }, joined));
  await ready(engine);
  const closing = opened.move();
  return {
    engine,
    events: store.events,
    watchAppends: (next) => (watch = next),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** For programs of this process, which read the token where the configuration says. */
export function settingsFor({ url, token }: CoordinatorOptions["nats"]): NatsSettings {
  process.env[TOKEN] = token;
  return { servers: [url], token: { env: TOKEN } };
}

function join(nats: CoordinatorOptions["nats"]): Promise<JoinedCoordinator> {
  return joinAsCoordinator({ nats: settingsFor(nats), log: SILENT, signal: new AbortController().signal });
}

async function ready(engine: Engine): Promise<void> {
  const until = performance.now() + SHARES_WITHIN_MS;
  for (;;) {
    try {
      if ((engine.share?.partitions ?? 0) === PARTITIONS) {
        await runPlan(engine, sequentialPlan(1));
        return;
      }
    } catch (error) {
      // It has the lease of a partition, and has not taken up its plans yet.
      if (!Fault.is(error, "not-owner")) throw error;
    }
    if (performance.now() > until) throw new Error("the coordinator does not get the partitions");
    await sleep(LOOKS_EVERY_MS);
  }
}

function watchedStore(store: OpenStore, watch: (batch: Batch) => void): OpenStore {
  const { events } = store;
  const append: EventStore["append"] = (batch) => {
    watch(batch);
    return events.append(batch);
  };
  // Its other methods stay its own.
  const watched: EventStore = {
    ...(events.isShared === undefined ? {} : { isShared: events.isShared }),
    append,
    read: (...asked) => events.read(...asked),
    readAll: (...asked) => events.readAll(...asked),
    subscribe: (...asked) => events.subscribe(...asked),
    revision: (...asked) => events.revision(...asked),
    head: () => events.head(),
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  };
  return { ...store, events: watched };
}
