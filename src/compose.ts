import { userInfo } from "node:os";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import { modelsInUse, openSources, toolRegistry } from "#src/all-tools.ts";
import { ALIKE, type Admissions } from "#src/api/admissions.ts";
import { Application, type Roles } from "#src/api/application.ts";
import type { Client, ReadingClient } from "#src/api/client.ts";
import { Engine } from "#src/api/engine.ts";
import { PlanReader } from "#src/api/plan-reader.ts";
import { Reading, type About } from "#src/api/reading.ts";
import type { Workshop } from "#src/executor/attempt.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import type { JoinedCoordinator } from "#src/cluster.ts";
import type { RemoteClient } from "#src/client/remote.ts";
import { limitsFrom, type DeclaredLimits } from "#src/config/limits.ts";
import type { PlanLibrary } from "#src/language/called-plans.ts";
import type { TokenHashes } from "#src/http/guard.ts";
import type { LocalDoor, TcpDoor } from "#src/http/open-doors.ts";
import { mcpGuest } from "#src/mcp-guest.ts";
import { MODEL_RECORDS, recordFolder } from "#src/model/record-folder.ts";
import type { PlanningSettings } from "#src/model/planning-settings.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import type { CallHandler } from "#src/ports/calls.ts";
import type { Clock } from "#src/ports/clock.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { declaredSecrets } from "#src/secrets/declared.ts";
import {
  holderOf,
  directoryOf,
  openStore,
  openStoreToRead,
  type OpenStore,
  type StoreOptions,
  type StoreToRead,
} from "#src/open-store.ts";
import { grantedTo, type RequestGrants } from "#src/planning/request/request-grants.ts";
import type { McpSettings, OpenApiSettings } from "#src/sources/settings.ts";
import { templateRegistry, type TemplateSettings } from "#src/templates/registry.ts";
import type { Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Builds everything from the real parts: the doors (command line, library) ask here and know no implementation.
//
// P1. What was opened is closed in reverse order, and a part that fails to open closes those before it.
// P2. The store outlives the engines over it.
// P3. Whoever holds the store serves the local socket; where there can be none, it does without.

export const DEFAULT_SLOTS = 8;

/** What steps may touch and use. */
export interface EngineGrants {
  /** Directory that the fs, shell and git tools stay inside. Default: the current directory. */
  readonly root?: string;
  /** Attempts that run at once. */
  readonly slots?: number;
  readonly allowPrivateNetwork?: boolean;
  /** Tools beside the built-in ones; one with the name of a built-in takes its place. */
  readonly tools?: readonly Tool[];
  /** Language models by name, for the tools `model.*`; they are loaded when one is first asked. */
  readonly models?: Readonly<Record<string, ModelSettings>>;
  /** What they do in planning. Default: one plans, where there is one called `default`, or only one. */
  readonly planning?: PlanningSettings;
  /** Where templates are found that requests in words are planned by. Default: there are none. */
  readonly templates?: TemplateSettings;
  /** What plans that are made from requests in words may use. Default: every tool that asks for no permission. */
  readonly requests?: RequestGrants;
  /** File of a model of `planwright planner train`, which requests in words are planned with. Default: there is none. */
  readonly planner?: string;
  /** Default: `declaredSecrets()`, which are environment variables `PLANWRIGHT_SECRET_…`. */
  readonly secrets?: Secrets;
  /** What plans may take together of pools, concurrency keys and resources. Default: each key one at a time. */
  readonly limits?: DeclaredLimits;
  readonly log?: Log;
  /** Principal of what is asked. Default: the operating system's user. */
  readonly actor?: string;
}

export interface PlanwrightOptions extends StoreOptions, EngineGrants {
  /** Whether other processes of the user reach this one on the local socket. Default: true. */
  readonly socket?: boolean;
  /** MCP servers whose tools plans can call. They are connected with the engine, and end with it. */
  readonly mcp?: McpSettings;
  /** Services whose operations plans can call, by name. */
  readonly openapi?: Readonly<Record<string, OpenApiSettings>>;
  /** Principals by the role of approvals that they may decide. Default: nobody has one. */
  readonly roles?: Roles | undefined;
}

export interface Planwright extends AsyncDisposable {
  readonly engine: Engine;
  readonly tools: ToolRegistry;
  readonly store: OpenStore;
  /** Every operation, as other processes have them over the local socket. */
  readonly client: Client;
  /** Path of the local socket; undefined where there is none. */
  readonly socket: string | undefined;
  /** What doors are opened over. */
  readonly app: Application;
  readonly log: Log;
}

export interface PlanwrightReader extends StoreToRead {
  readonly plans: PlanReader;
  /** Every operation that a store alone answers. */
  readonly client: ReadingClient;
}

/** An engine over a store of its own, served on the local socket. Faults: those of `openStore`. */
export async function openPlanwright(options: PlanwrightOptions = {}): Promise<Planwright> {
  const {
    tools: given = [],
    models,
    planning,
    planner,
    templates,
    secrets = declaredSecrets(),
    log: told = SILENT,
  } = options;
  await using opened = new AsyncDisposableStack();
  const folder = path.join(directoryOf(options), MODEL_RECORDS);
  const recorder = opened.use(recordFolder({ folder, clock: systemClock, log: told }));
  const asked = await modelsInUse({ models, planning, secrets, recorder, own: given });
  const sources = await openSources(opened, options);
  const tools = toolRegistry([...given, ...asked.tools], sources, {
    ...asked.planning,
    granted: grantedTo(options.requests),
    ...(templates === undefined ? {} : { templates: () => templateRegistry(templates).templates }),
    trained: planner,
    implementation: { store: path.resolve(directoryOf(options)) },
  });
  const store = opened.use(await openStore(options));
  const engine = opened.use(await openEngine(store, { ...options, tools }));
  const app = applicationOver({ store, engine, tools, admissions: ALIKE, roles: options.roles });
  const door = options.socket === false ? undefined : await openSocket(app, store, options);
  if (door !== undefined) opened.use(door);
  const { clientOf } = await import("#src/api/client.ts");
  const client = clientOf(app, actorOf(options));
  const closing = opened.move();
  const dispose = (): Promise<void> => closing.disposeAsync();
  const { log = SILENT } = options;
  return { engine, tools, store, client, app, log, socket: door?.socket, [Symbol.asyncDispose]: dispose };
}

export interface HttpOptions {
  /** Default: 127.0.0.1. Any other than loopback takes tokens. */
  readonly host?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** Principals by the SHA-256 of their token, in hex. */
  readonly tokens?: TokenHashes;
}

/** Serves the operations over HTTP as well. Faults: `tokens-needed`, `address-unavailable`. */
export async function serveHttp({ app, log }: Planwright, options: HttpOptions = {}): Promise<TcpDoor> {
  const { openTcpDoor } = await import("#src/http/tcp-door.ts");
  const { host = "127.0.0.1", port = 0, tokens = new Map() } = options;
  const mcp = mcpGuest({ app, anywhere: undefined, log });
  return openTcpDoor({ app, mcp, clock: systemClock, log }, { host, port, tokens });
}

export interface ApplicationOptions {
  readonly store: OpenStore;
  readonly engine: Engine;
  readonly tools: ToolRegistry;
  readonly admissions: Admissions;
  /** Whether plans start and go on here. Default: they do. */
  readonly runsPlans?: boolean;
  /** Where plans are found that others call. */
  readonly library?: PlanLibrary;
  /** Principals by role. */
  readonly roles?: Roles | undefined;
  /** Default: this machine's. */
  readonly clock?: Clock | undefined;
}

/** What the operations act on in the process that holds the store. */
export function applicationOver({ store, clock = systemClock, ...parts }: ApplicationOptions): Application {
  const { events, blobs, name, command } = store;
  const { engine } = parts;
  return new Application({
    runsPlans: true,
    ...parts,
    blobs,
    plans: engine.plans,
    events,
    clock,
    verify: (options) => store.verify(options),
    about: aboutOf(name, command),
  });
}

/** The local socket, named in the holder's file; undefined where there can be none. */
export async function openSocket(
  app: Application,
  store: OpenStore,
  options: Pick<EngineGrants, "log" | "actor"> & { readonly anywhere?: CallHandler | undefined },
): Promise<LocalDoor | undefined> {
  const log = options.log ?? SILENT;
  const { openLocalDoor } = await import("#src/http/local-socket.ts");
  const { socketGuard } = await import("#src/http/guard.ts");
  try {
    const guard = socketGuard(actorOf(options));
    const door = await openLocalDoor(
      { app, anywhere: options.anywhere, guard, clock: systemClock, log },
      store.directory,
    );
    store.announce(door.socket);
    return door;
  } catch (error) {
    if (!Fault.is(error, "socket-unavailable")) throw error;
    log.warn("other processes cannot reach this one", { error });
    return undefined;
  }
}

/** The engine is the caller's to close, before the store. */
export function openEngine(
  store: OpenStore,
  grants: Omit<EngineGrants, "tools" | "models" | "planning" | "planner" | "templates"> & {
    readonly tools: ToolRegistry;
  },
  /** Where it shares the plans with others. */
  joined?: Pick<JoinedCoordinator, "place" | "bus" | "clock">,
): Promise<Engine> {
  const log = grants.log ?? SILENT;
  const { events, snapshots, views, blobs } = store;
  return Engine.open({
    ...workshopOf(grants),
    events,
    snapshots,
    views,
    blobs,
    bus: joined?.bus ?? new MemoryBus(log),
    cluster: joined?.place,
    clock: joined?.clock ?? systemClock,
    random: systemRandom,
    log,
    limits: limitsFrom(grants.limits),
    slots: grants.slots ?? DEFAULT_SLOTS,
    actor: actorOf(grants),
  });
}

/** What steps may touch and use, from what a person grants. */
export function workshopOf(grants: WorkshopGrants): Workshop {
  const { tools, root = ".", allowPrivateNetwork = false, secrets = declaredSecrets() } = grants;
  return { tools, roots: { fs: path.resolve(root), allowPrivateNetwork }, secrets };
}

type WorkshopGrants = Pick<EngineGrants, "root" | "allowPrivateNetwork" | "secrets"> & { readonly tools: ToolRegistry };

/** Who asks in this process, where nobody else is named: the user of the operating system. */
export function actorOf({ actor }: Pick<EngineGrants, "actor"> = {}): string {
  return actor ?? `os:${userInfo().username}`;
}

/** Reads a store beside whoever holds it. Faults: `store-newer`, `store-damaged`, `store-unavailable`, and those of a server. */
export async function openReader(options: StoreOptions = {}): Promise<PlanwrightReader> {
  const store = await openStoreToRead(options);
  const { events, blobs, name, command } = store;
  const plans = new PlanReader(store);
  const verify: StoreToRead["verify"] = (asked) => store.verify(asked);
  const about = aboutOf(name, command);
  const reading = new Reading({ plans, events, blobs, tools: toolRegistry(), clock: systemClock, verify, about });
  const { readingClientOf } = await import("#src/api/client.ts");
  return { ...store, plans, client: readingClientOf(reading, actorOf()) };
}

/** A process that serves: the one that holds a store of this machine, or one behind a URL. */
export type ServerAddress =
  (Pick<StoreOptions, "local"> & { readonly store: string }) | { readonly url: string; readonly token?: string };

/** Every operation of another process. Faults: `nobody-serves`; of calls: `unreachable`. */
export async function connectPlanwright(address: ServerAddress): Promise<RemoteClient> {
  if ("store" in address) {
    const holder = await findHolder(address);
    if (holder === undefined) throw new Fault("nobody-serves", `no process serves the store in ${address.store}`);
    return holder;
  }
  const { remoteClient } = await import("#src/client/remote.ts");
  return remoteClient(address, { clock: systemClock });
}

/** How long a holder may take to say that it is there. */
const ANSWER_WITHIN_MS = 5_000;

/** How long streams of a holder that is gone try to come back: the next one may be starting. */
const HOLDER_PATIENCE_MS = 2_000;

/**
 * The operations of the process that holds the store, where one does and answers on its local socket. What stands in the
 * holder's file may be what a killed process left: who does not answer is none.
 */
export async function findHolder(options: StoreOptions = {}): Promise<RemoteClient | undefined> {
  const socket = holderOf(options)?.socket;
  if (socket === undefined) return undefined;
  const { remoteClient } = await import("#src/client/remote.ts");
  const client = remoteClient({ socket }, { clock: systemClock, patienceMs: HOLDER_PATIENCE_MS });
  const late = new AbortController();
  const timer = systemClock.after(ANSWER_WITHIN_MS, () => late.abort(), { background: true });
  try {
    await client.status({}, { signal: late.signal });
    return client;
  } catch {
    client[Symbol.dispose]();
    return undefined;
  } finally {
    timer[Symbol.dispose]();
  }
}

function aboutOf(store: string, command: string): About {
  return { version: packageVersion(), pid: process.pid, store, command, since: systemClock.now() };
}
