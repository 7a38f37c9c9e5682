import { hostname } from "node:os";
import { coordinatorId, executorId, RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import type { Application } from "#src/api/application.ts";
import { answeringAnywhere } from "#src/api/call-handler.ts";
import type { CallHandler } from "#src/ports/calls.ts";
import type { ClusterPlace } from "#src/ownership/cluster-place.ts";
import type { Workshop } from "#src/executor/attempt.ts";
import { Executor, type ExecutorOptions } from "#src/executor/executor.ts";
import { NatsBus } from "#src/nats/bus.ts";
import { connectNatsPatiently, patiently, type NatsConnection } from "#src/nats/connection.ts";
import { openNatsBlobs } from "#src/nats/blobs.ts";
import { openNatsLeases } from "#src/nats/leases.ts";
import { LOOP_PATIENCE_MS, PulseThread } from "#src/nats/pulse/pulse-thread.ts";
import { serveNats } from "#src/nats/serving.ts";
import { SharedClock } from "#src/nats/shared-clock.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { EXECUTOR_LEASE_MS, PROTOCOL, type Bus } from "#src/ports/bus.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";
import { systemRandom } from "#src/ports/system/random.ts";

// Processes that work together over NATS: coordinators that share the plans, and workers that run their steps. Loaded where the
// configuration names NATS, and nowhere else.
//
// C1. Who joins waits for the server, however long it is away, until it is told to end; at whichever point it goes away.
// C2. Who leaves does it in order: plans are handed over, reports are durable, then the connection ends.

/** Silence of its owner after which a worker stops a tool: longer than any handover takes. */
const OWNER_SILENCE_MS = 15_000;

/** What somebody has to mend. */
const TO_MEND = ["nats-settings-differ"];

export interface JoinOptions {
  readonly nats: NatsSettings;
  readonly log: Log;
  /** Ends the waiting for a server that is away. */
  readonly signal: AbortSignal;
  /** Whether buckets with other settings are waited for as well, until somebody has mended them. Default: they are a fault. */
  readonly isPatient?: boolean;
}

/** A coordinator's place, and what it reaches others by. */
export interface JoinedCoordinator extends AsyncDisposable {
  readonly place: ClusterPlace;
  readonly bus: Bus;
  readonly blobs: BlobStore;
  /** The time that all of them share. */
  readonly clock: Clock;
  /** Answers over NATS for the application, once there is one. */
  serve(app: Application): Promise<Served>;
}

interface Served extends AsyncDisposable {
  /** Answers here, or has the coordinator answer that owns the plan. */
  readonly anywhere: CallHandler;
}

/** Faults: those of NATS that are not retryable; the signal's reason. */
export async function joinAsCoordinator(options: JoinOptions): Promise<JoinedCoordinator> {
  const { nats, log, signal, isPatient = false } = options;
  await using opened = new AsyncDisposableStack();
  const { name, incarnation } = newName("coordinator");
  const connection = opened.use(await connectNatsPatiently({ settings: nats, name, clock: systemClock, log }, signal));
  const around = { clock: systemClock, log, signal, servers: connection.servers, waitsFor: isPatient ? TO_MEND : [] };
  const leases = opened.use(await patiently(() => openNatsLeases(connection), { ...around, doing: "opening leases" }));
  const clock = opened.use(
    await patiently(() => SharedClock.open({ source: leases, clock: systemClock, log }), {
      ...around,
      doing: "asking for the time",
    }),
  );
  const blobs = await patiently(() => openNatsBlobs(connection), { ...around, doing: "opening blobs" });
  const bus = opened.use(new NatsBus(connection, { name, incarnation }));
  const owners = new OwnedDoors();
  const id = coordinatorId.parse(`${name}.${incarnation}`);
  const onOwned: ClusterPlace["onOwned"] = (partition, isOwned) => owners.set(partition, isOwned);
  const closing = opened.move();
  return {
    place: { id, leases, version: packageVersion(), onOwned },
    bus,
    blobs,
    clock,
    serve: async (app) => {
      const serving = await serveNats(app, connection, { name, random: systemRandom });
      owners.open((partition) => serving.serveOwner(partition));
      const anywhere = answeringAnywhere(app, { calls: serving.calls, clock: systemClock });
      return { anywhere, [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose]() };
    },
    [Symbol.asyncDispose]: async () => {
      await flushed(connection);
      await closing.disposeAsync();
    },
  };
}

export interface WorkerOptions extends JoinOptions, Workshop {
  readonly slots: number;
  /** Whose steps it runs; without one those of every pool. */
  readonly pool?: string | undefined;
  /** How long its loop may stand still before it counts as gone, in ms. Default: 30 s. */
  readonly patienceMs?: number | undefined;
}

export interface JoinedWorker extends AsyncDisposable {
  readonly id: string;
  /** Takes nothing more; resolves when what runs has ended and its reports are durable. */
  drained(): Promise<void>;
}

/** Faults: those of NATS that are not retryable; the signal's reason. */
export async function joinAsWorker({
  nats,
  log,
  signal,
  slots,
  pool,
  patienceMs = LOOP_PATIENCE_MS,
  ...workshop
}: WorkerOptions): Promise<JoinedWorker> {
  await using opened = new AsyncDisposableStack();
  const { name, incarnation } = newName("worker");
  const connection = opened.use(await connectNatsPatiently({ settings: nats, name, clock: systemClock, log }, signal));
  const bus = opened.use(new NatsBus(connection, { name, incarnation }));
  const id = executorId.parse(`${name}.${incarnation}`);
  const tools = workshop.tools.list().map((tool) => tool.name);
  const about = { version: packageVersion(), tools, ...(pool === undefined ? {} : { pool }) };
  const silence = { leaseMs: EXECUTOR_LEASE_MS, silenceMs: OWNER_SILENCE_MS };
  const onStranger: ExecutorOptions["onStranger"] = ({ coordinator, version, protocol }) => {
    const text = `${coordinator} gets nothing from here: its release ${version} speaks protocol ${protocol}, this one ${PROTOCOL}`;
    log.warn(`${text}; run the same release everywhere`);
  };
  const thread = opened.use(new PulseThread({ settings: nats, name, incarnation, executor: id, patienceMs, log }));
  const spokesman = { beat: () => thread.beat(), patienceMs };
  const own = { id, bus, clock: systemClock, slots, about, onStranger, spokesman };
  const executor = opened.use(new Executor({ ...workshop, ...own, ...silence }));
  const closing = opened.move();
  return {
    id,
    drained: () => executor.drained(),
    [Symbol.asyncDispose]: async () => {
      // Nobody says that it is there when it has said that it goes.
      await thread[Symbol.asyncDispose]();
      await executor[Symbol.asyncDispose]();
      await flushed(connection);
      await closing.disposeAsync();
    },
  };
}

/** Where calls for a partition come in, for each that is owned. */
class OwnedDoors {
  private readonly owned = new Set<number>();
  private readonly doors = new Map<number, Promise<Disposable>>();
  private make: ((partition: number) => Promise<Disposable>) | undefined;

  set(partition: number, isOwned: boolean): void {
    if (isOwned) this.owned.add(partition);
    else this.owned.delete(partition);
    this.mend(partition);
  }

  open(make: (partition: number) => Promise<Disposable>): void {
    this.make = make;
    for (const partition of this.owned) this.mend(partition);
  }

  private mend(partition: number): void {
    const door = this.doors.get(partition);
    if (this.owned.has(partition) && door === undefined && this.make !== undefined) {
      this.doors.set(partition, this.make(partition));
    } else if (!this.owned.has(partition) && door !== undefined) {
      this.doors.delete(partition);
      void door.then((open) => open[Symbol.dispose]());
    }
  }
}

/** What was said last is on its way before the connection ends; a server that is away has to do without. */
async function flushed(connection: NatsConnection): Promise<void> {
  if (connection.isConnected) await connection.flush().catch(() => undefined);
}

/** The machine's name is for people; the incarnation is of this process alone. */
function newName(role: string): { readonly name: string; readonly incarnation: string } {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .slice(0, MAX_HOST_CHARS);
  const incarnation = uuidV7(systemClock.now(), systemRandom.bytes(RANDOM_BYTES_PER_ID));
  return { name: `${role}-${host}`, incarnation };
}

const MAX_HOST_CHARS = 60;
