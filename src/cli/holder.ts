import type { Application } from "#src/api/application.ts";
import type { Engine } from "#src/api/engine.ts";
import { PlanReader } from "#src/api/plan-reader.ts";
import { applicationOver, openEngine, openSocket, openStore, toolRegistry, type OpenStore } from "#src/compose.ts";
import { grantAdmissions } from "#src/cli/admissions.ts";
import { engineGrants, grantsOf, readGrants, type GrantFlags, type Grants } from "#src/cli/grants.ts";
import { commandLog } from "#src/cli/log.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import type { Log } from "#src/ports/log.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// This process holds the store: an engine over it, the operations over the engine, and the local socket for others.
//
// H1. The socket opens while the command goes on: nobody waits for it, and what fails about it is in the log.

export interface Holder extends AsyncDisposable {
  readonly store: OpenStore;
  readonly engine: Engine;
  readonly app: Application;
  readonly log: Log;
}

export interface HolderFlags extends GrantFlags {
  readonly store?: string;
}

/** Faults: `store-locked` and others of opening a store. `command` is what others are told who finds it held. */
export async function openHolder(
  flags: HolderFlags,
  command: string,
  own?: { readonly grants: Grants; readonly tools: ToolRegistry },
): Promise<Holder> {
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore({ ...flags, command: `planwright ${command}` }));
  const log = await commandLog();
  const grants = own?.grants ?? (await grantsForAll(store, flags));
  const tools = own?.tools ?? toolRegistry(await loadTools(grants.tools));
  const engine = opened.use(await openEngine(store, { ...engineGrants(grants), tools, log }));
  const admissions = grantAdmissions({ directory: store.directory, grants, flags });
  const { plans = [], roles = {} } = flags.configuration?.settings ?? {};
  const library = folderLibrary(plans);
  const app = applicationOver({ store, engine, tools, admissions, library, roles });
  const door = openSocket(app, store, { log });
  door.catch((error: unknown) => log.error("the local socket failed", { error }));
  opened.defer(async () => (await door.catch(() => undefined))?.[Symbol.asyncDispose]());
  const closing = opened.move();
  return { store, engine, app, log, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** What this process gives, with room for the plans that it may take up: their slots and limits together. */
async function grantsForAll(store: OpenStore, flags: GrantFlags): Promise<Grants> {
  const own = grantsOf(flags);
  const { events, views } = store.embedded;
  const live = await new PlanReader({ events, views, blobs: store.blobs }).list({ tag: "live", limit: Infinity });
  const recorded = live.flatMap(({ plan }) => readGrants(store.directory, plan) ?? []);
  const slots = recorded.length === 0 ? own.slots : Math.max(...recorded.map((grants) => grants.slots));
  const declared = recorded.reduce((all, grants) => ({ ...all, ...grants.declared }), {});
  return { ...own, slots: flags.slots ?? slots, declared: { ...declared, ...own.declared } };
}
