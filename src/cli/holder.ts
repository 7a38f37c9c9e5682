import type { Application } from "#src/api/application.ts";
import type { Engine } from "#src/api/engine.ts";
import { PlanReader } from "#src/api/plan-reader.ts";
import { applicationOver, openEngine, openSocket } from "#src/compose.ts";
import { openStore, type OpenStore, type StoreOptions } from "#src/open-store.ts";
import { grantAdmissions } from "#src/cli/admissions.ts";
import { engineGrants, grantsOf, readGrants, type GrantFlags, type Grants } from "#src/cli/grants.ts";
import { aloud, commandLog } from "#src/cli/log.ts";
import { openTools, type OpenTools } from "#src/cli/open-tools.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import type { JoinedCoordinator } from "#src/cluster.ts";
import type { CallHandler } from "#src/ports/calls.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { endedAloud } from "#src/ports/slow-work.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

// This process holds the store: an engine over it, the operations over the engine, and the local socket for others.
//
// H1. The socket opens a moment later, while the command goes on: who runs a plan that takes no longer than that does not
//     wait for it. What fails about it is in the log.

export interface Holder extends AsyncDisposable {
  readonly store: OpenStore;
  readonly engine: Engine;
  readonly app: Application;
  /** For doors: answers also what another coordinator has to. */
  readonly anywhere: CallHandler | undefined;
  readonly log: Log;
  /** Opens the local socket now; resolves when others can reach it, or when there can be none. */
  openSocket(): Promise<void>;
}

export interface HolderFlags extends GrantFlags, Pick<StoreOptions, "store" | "local" | "nats"> {}

/** What is known before the store is open. */
interface Known {
  /** What this process gives; else what the plans were given that it may take up. */
  readonly grants?: Grants;
  readonly tools?: ToolRegistry;
  /** Of those tools, those that are outside. */
  readonly sources?: readonly ToolSource[];
  /** Keeps what is said to models in planning. */
  readonly recorder?: ModelRecorder | undefined;
  /** A plan that may have ended and is to go on here. */
  readonly about?: string;
  /** Ends the waiting for others. */
  readonly signal?: AbortSignal;
  /** Told of what is in the way of working with others, where no log was asked for. */
  readonly tell?: (line: string) => void;
  /** It goes on until it is told to end: it is told of them for as long, and waits for what somebody has to mend. */
  readonly tellsOn?: boolean;
}

/** Faults: `store-locked` and others of opening a store. `command` is what others are told who finds it held. */
export async function openHolder(flags: HolderFlags, command: string, known: Known = {}): Promise<Holder> {
  await using opened = new AsyncDisposableStack();
  const { log, hasJoined } = await logFor(flags, known);
  const ending = (what: string) => endedAloud({ what, clock: systemClock, log });
  const opening = await openStore({ ...flags, command: `planwright ${command}`, log });
  const alone = opened.adopt(opening, ending("the store is closed"));
  const joined = await join(flags, log, known);
  if (joined !== undefined) opened.adopt(joined, ending("the connection to NATS has ended"));
  hasJoined();
  const store = withSharedBlobs(alone, joined);
  const grants = known.grants ?? (await grantsForAll(store, flags, known.about));
  const { tools, sources, recorder } = await toolsFor(opened, { flags, grants, known });
  const engine = opened.use(await openEngine(store, { ...engineGrants(grants), tools, log }, joined));
  const admissions = grantAdmissions({ directory: store.directory, grants, flags, sources, recorder });
  const { plans = [], roles = {} } = flags.configuration?.settings ?? {};
  const library = folderLibrary(plans);
  const app = applicationOver({ store, engine, tools, admissions, library, roles, clock: joined?.clock });
  const anywhere = await answering(app, joined, opened);
  const door = new LaterDoor(() => openSocket(app, store, { log, anywhere }), log);
  opened.adopt(door, ending("the local socket is closed"));
  const closing = opened.move();
  const dispose = (): Promise<void> => closing.disposeAsync();
  return { store, engine, app, anywhere, log, openSocket: () => door.open(), [Symbol.asyncDispose]: dispose };
}

async function toolsFor(
  opened: AsyncDisposableStack,
  { flags, grants, known }: { readonly flags: HolderFlags; readonly grants: Grants; readonly known: Known },
): Promise<Pick<OpenTools, "tools" | "sources" | "recorder">> {
  const { tools, sources = [], recorder, tell = () => undefined, signal } = known;
  if (tools !== undefined) return { tools, sources, recorder };
  const { configuration } = flags;
  return opened.use(await openTools(grants.tools, { configuration, tell, signal, store: flags }));
}

/** One that speaks up only where there are others to wait for. */
async function logFor(
  { configuration }: HolderFlags,
  { tell, tellsOn = false }: Known,
): Promise<{ readonly log: Log; readonly hasJoined: () => void }> {
  const log = await commandLog();
  const speaking = { isOn: tell !== undefined && configuration?.settings.nats !== undefined };
  const say = (line: string): void => {
    if (speaking.isOn) tell?.(line);
  };
  const hasJoined = (): void => {
    if (!tellsOn) speaking.isOn = false;
  };
  return { log: speaking.isOn ? aloud(log, say) : log, hasJoined };
}

/** Where several have the log, whoever owns a plan next reads what was put here. */
function withSharedBlobs(store: OpenStore, joined: JoinedCoordinator | undefined): OpenStore {
  return joined === undefined || store.events.isShared !== true ? store : { ...store, blobs: joined.blobs };
}

async function answering(
  app: Application,
  joined: JoinedCoordinator | undefined,
  opened: AsyncDisposableStack,
): Promise<CallHandler | undefined> {
  return joined && opened.use(await joined.serve(app)).anywhere;
}

/** With the coordinators that the configuration says; undefined where it says none. */
async function join(
  { configuration }: HolderFlags,
  log: Log,
  { signal = new AbortController().signal, tellsOn: isPatient = false }: Known,
): Promise<JoinedCoordinator | undefined> {
  const nats = configuration?.settings.nats;
  if (nats === undefined) return undefined;
  const { joinAsCoordinator } = await import("#src/cluster.ts");
  return joinAsCoordinator({ nats, log, signal, isPatient });
}

/** Nobody in another terminal is faster. */
const SOCKET_AFTER_MS = 100;

class LaterDoor implements AsyncDisposable {
  private readonly make: () => Promise<AsyncDisposable | undefined>;
  private readonly log: Log;
  private readonly timer: Timer;
  private door: Promise<AsyncDisposable | undefined> | undefined;

  constructor(make: () => Promise<AsyncDisposable | undefined>, log: Log) {
    this.make = make;
    this.log = log;
    this.timer = systemClock.after(SOCKET_AFTER_MS, () => void this.open());
  }

  async open(): Promise<void> {
    this.timer[Symbol.dispose]();
    this.door ??= this.make().catch((error: unknown) => {
      this.log.error("the local socket failed", { error });
      return undefined;
    });
    await this.door;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.timer[Symbol.dispose]();
    await (await this.door)?.[Symbol.asyncDispose]();
  }
}

/** What this process gives, with room for the plans that it may take up: their slots and limits together. */
async function grantsForAll(store: OpenStore, flags: GrantFlags, about?: string): Promise<Grants> {
  const own = grantsOf(flags);
  const { events, views } = store;
  const reader = new PlanReader({ events, views, blobs: store.blobs });
  const live = (await reader.list({ tag: "live", limit: Infinity })).map(({ plan }) => plan);
  const plans = about === undefined ? live : [...live, await reader.find(about)];
  const recorded = plans.flatMap((plan) => readGrants(store.directory, plan) ?? []);
  const slots = recorded.length === 0 ? own.slots : Math.max(...recorded.map((grants) => grants.slots));
  const declared = recorded.reduce((all, grants) => ({ ...all, ...grants.declared }), {});
  return { ...own, slots: flags.slots ?? slots, declared: { ...declared, ...own.declared } };
}
