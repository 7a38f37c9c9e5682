import type { Batch } from "#events/envelope.ts";
import { executorId, RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import { sweepBlobs } from "#src/blobs/sweep.ts";
import { Executor } from "#src/executor/executor.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import { PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import type { RuntimeHooks } from "#src/runtime/context.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { createMemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { BlobDisk } from "./faults/blob-disk.ts";
import { faultyPorts, type FaultRates } from "./faults/faulty-ports.ts";
import { SimulatedBus } from "./faults/simulated-bus.ts";
import { LIMITS } from "./plans/claims.ts";
import { Process, type World } from "./world.ts";

// Coordinators, one after the other, and some executors as processes that die, stop and come back: the real runtime over
// simulated ports. The disk (store and blobs) outlives them all.

const EXECUTOR_LEASE_MS = 4_000;
const MAX_RESTART_MS = 3_000;
/** How young garbage may be that is swept. */
const SWEEP_GRACE_MS = 5_000;

export interface ClusterOptions {
  readonly world: World;
  readonly rates: FaultRates;
  readonly tools: ToolRegistry;
  readonly executors: number;
  readonly slots: number;
  readonly hooks: RuntimeHooks;
  readonly onAppend: (batch: Batch) => void;
}

/** Whoever holds the store: what people reach. */
export interface Holder {
  readonly coordinator: Coordinator;
  readonly quarantine: Quarantine;
  readonly events: EventStore;
  readonly payloads: Payloads;
  /** Removes blobs that no fact cites. */
  sweep(): Promise<unknown>;
  /** Ends in good order; the next one opens afterwards. */
  stop(): Promise<void>;
}

export class Cluster {
  readonly contents = createMemoryContents();
  readonly disk: BlobDisk;
  readonly bus: SimulatedBus;
  holder: Holder | undefined;
  private readonly options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.disk = new BlobDisk(options.world);
    this.bus = new SimulatedBus(options.world, options.rates);
    this.startCoordinator();
    for (let index = 0; index < options.executors; index++) this.startExecutor(index);
  }

  /** Kills an executor now and then; its place is taken by a new incarnation. */
  private startExecutor(index: number): void {
    const { world, tools, slots, rates } = this.options;
    const process = new Process(`executor ${index}`);
    const id = executorId.parse(`executor-${index}-${uuidV7(world.now(), world.random.bytes(RANDOM_BYTES_PER_ID))}`);
    const roots = { fs: "/nowhere", allowPrivateNetwork: false };
    const secrets = { resolve: () => Promise.reject(new Error("there are no secrets here")) };
    new Executor({ id, bus: this.bus.as(process), clock: world.clockOf(process), tools, roots, secrets, slots });
    const mayDie = (): void => {
      if (!world.random.chance(rates.crash * 10)) return void world.schedule(1_000, mayDie, process);
      world.note(`${process.name} dies`);
      process.alive = false;
      world.schedule(world.random.next() * MAX_RESTART_MS, () => this.startExecutor(index));
    };
    world.schedule(1_000, mayDie, process);
  }

  private startCoordinator(): void {
    const process = new Process("coordinator");
    const crash = (): void => this.end(process);
    this.open(process, crash).catch((error: unknown) => {
      if (!process.alive) return;
      this.options.world.note(`coordinator cannot open: ${String(error)}`);
      crash();
    });
  }

  /** Nothing of the process happens any more; another one takes its place. */
  private end(process: Process): void {
    const { world } = this.options;
    if (!process.alive) return;
    process.alive = false;
    this.holder = undefined;
    world.schedule(world.random.next() * MAX_RESTART_MS, () => this.startCoordinator());
  }

  private async open(process: Process, onCrash: () => void): Promise<void> {
    const { world, rates, hooks, onAppend } = this.options;
    const clock = world.clockOf(process);
    const { views, ...real } = openMemory({ clock, contents: this.contents });
    const store = faultyPorts({ ...real, blobs: this.disk.open() }, { world, process, rates, onCrash, onAppend });
    const stopping = new AbortController();
    const families = [PLANS, TOOLS];
    const projector = new Projector({ events: store.events, views, clock, log: SILENT, families });
    const { events } = projector;
    const ports = { ...store, events, clock, random: world.random, log: SILENT, signal: stopping.signal };
    await projector.catchUp([PLANS]);
    projector.start();
    const quarantine = await Quarantine.load(ports);
    const epoch = (await store.events.head()) + 2;
    const { plans: live } = await listPlans(projector, { tag: "live", limit: Infinity });
    if (!process.alive) return;
    const payloads = new Payloads(store.blobs);
    const bus = this.bus.as(process);
    const context = { ...ports, bus, epoch, payloads, ledger: new SlotLedger(LIMITS), hooks };
    const coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
    world.note(`coordinator opens with epoch ${epoch}, ${live.length} live plans`);
    for (const { plan } of live) coordinator.resume(plan);
    const stop = async (): Promise<void> => {
      this.holder = undefined;
      stopping.abort();
      await coordinator[Symbol.asyncDispose]();
      await projector[Symbol.asyncDispose]();
      this.end(process);
    };
    const swept = { events: store.events, blobs: store.blobs, clock };
    const sweep = (): Promise<unknown> => sweepBlobs(swept, { graceMs: SWEEP_GRACE_MS });
    this.holder = { coordinator, quarantine, events, payloads, sweep, stop };
  }

  /** The disk is whole again: what could not be read goes on. */
  async releaseAll(): Promise<void> {
    const { holder } = this;
    for (const { plan } of holder?.quarantine.list() ?? []) {
      await holder?.quarantine.release(plan);
      holder?.coordinator.resume(plan);
    }
  }
}
