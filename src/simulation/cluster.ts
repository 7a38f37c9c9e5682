import type { Batch } from "#events/envelope.ts";
import { coordinatorId, executorId, RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import { sweepBlobs } from "#src/blobs/sweep.ts";
import { Executor, type ExecutorOptions } from "#src/executor/executor.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Limits } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import type { RuntimeHooks } from "#src/runtime/context.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { soleOwner } from "#src/runtime/ownership.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { createMemoryContents, type MemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { BlobDisk } from "#src/simulation/blob-disk.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import { faultyPorts } from "#src/simulation/faulty-ports.ts";
import { Process } from "#src/simulation/process.ts";
import { SimulatedBus } from "#src/simulation/simulated-bus.ts";
import type { World } from "#src/simulation/world.ts";

// Coordinators, one after the other, and some executors as processes that die, stand still and come back: the real runtime
// over simulated ports. The disk (store and blobs) outlives them all.

const EXECUTOR_LEASE_MS = 4_000;
const MAX_RESTART_MS = 3_000;
/** Longest time that a process stands still: longer than a lease. */
const MAX_STANDSTILL_MS = 20_000;
const MAX_FULL_DISK_MS = 8_000;
/** Most that somebody sets a clock wrong by. */
const MAX_CLOCK_ERROR_MS = 60_000;
const TROUBLE_EVERY_MS = 1_000;
/** How young garbage may be that is swept. */
const SWEEP_GRACE_MS = 5_000;

export interface ClusterOptions {
  readonly world: World;
  readonly rates: FaultRates;
  /** The tools of an executor's process. */
  readonly toolsOf: (executor: Process) => ToolRegistry;
  readonly executors: number;
  /** Of each executor. */
  readonly slots: number;
  readonly limits: Limits;
  readonly hooks: RuntimeHooks;
  /** What tools may touch; default: nothing. */
  readonly surroundings?: Pick<ExecutorOptions, "roots" | "secrets">;
  readonly onAppend?: (batch: Batch) => void;
  /** What there is already; default: nothing. */
  readonly disk?: Disk;
}

/** What outlives every process. */
export interface Disk {
  readonly contents: MemoryContents;
  readonly blobs: BlobDisk;
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

const NOTHING: Pick<ExecutorOptions, "roots" | "secrets"> = {
  roots: { fs: "/nowhere", allowPrivateNetwork: false },
  secrets: { resolve: () => Promise.reject(new Error("there are no secrets here")) },
};

export class Cluster {
  readonly contents: MemoryContents;
  readonly disk: BlobDisk;
  readonly bus: SimulatedBus;
  holder: Holder | undefined;
  /** Whether nothing can be written just now. */
  isFull = false;
  private readonly processes = new Map<string, Process>();
  private readonly options: ClusterOptions;

  constructor(options: ClusterOptions) {
    const { world, disk = { contents: createMemoryContents(), blobs: new BlobDisk(world) } } = options;
    this.options = options;
    this.contents = disk.contents;
    this.disk = disk.blobs;
    this.bus = new SimulatedBus(world, options.rates);
    this.startCoordinator();
    for (let index = 0; index < options.executors; index++) this.startExecutor(index);
    world.schedule(TROUBLE_EVERY_MS, () => this.trouble(), { background: true });
  }

  /** Faults stop: clocks are right, the disk has room and is as it was written. */
  becomeCalm(): void {
    this.isFull = false;
    for (const process of this.processes.values()) process.wallErrorMs = 0;
    this.disk.restore();
  }

  /** The disk is whole again: what could not be read goes on. */
  async releaseAll(): Promise<void> {
    const { holder } = this;
    for (const { plan } of holder?.quarantine.list() ?? []) {
      await holder?.quarantine.release(plan);
      holder?.coordinator.resume(plan);
    }
  }

  /** What happens to machines beside what their processes do. */
  private trouble(): void {
    const { world, rates } = this.options;
    const { random } = world;
    if (random.chance(rates.damage)) this.disk.damage();
    if (random.chance(rates.fullDisk)) this.fillDisk();
    for (const process of this.processes.values()) {
      if (random.chance(rates.standstill)) world.halt(process, random.next() * MAX_STANDSTILL_MS);
      if (random.chance(rates.clockJump)) this.setClock(process);
    }
    world.schedule(TROUBLE_EVERY_MS, () => this.trouble(), { background: true });
  }

  private fillDisk(): void {
    const { world } = this.options;
    if (this.isFull) return;
    world.note("the disk is full");
    this.isFull = true;
    world.schedule(world.random.next() * MAX_FULL_DISK_MS, () => (this.isFull = false));
  }

  private setClock(process: Process): void {
    const { world } = this.options;
    process.wallErrorMs = world.random.int(-MAX_CLOCK_ERROR_MS, MAX_CLOCK_ERROR_MS);
    world.note(`the clock of ${process.name} is ${process.wallErrorMs} ms wrong`);
  }

  private begin(name: string): Process {
    const { random } = this.options.world;
    const { drift } = this.options.rates;
    const process = new Process(name, 1 + drift * (2 * random.next() - 1));
    // A machine keeps its clock when its process begins again.
    process.wallErrorMs = this.processes.get(name)?.wallErrorMs ?? 0;
    this.processes.set(name, process);
    return process;
  }

  /** Kills an executor now and then; its place is taken by a new incarnation. */
  private startExecutor(index: number): void {
    const { world, toolsOf, slots, rates, surroundings = NOTHING } = this.options;
    const process = this.begin(`executor ${index}`);
    const id = executorId.parse(`executor-${index}-${uuidV7(world.now(), world.random.bytes(RANDOM_BYTES_PER_ID))}`);
    const die = (): void => {
      process.alive = false;
      world.schedule(world.random.next() * MAX_RESTART_MS, () => this.startExecutor(index));
    };
    const bus = this.bus.as(process, die);
    new Executor({
      id,
      bus,
      clock: world.clockOf(process),
      tools: toolsOf(process),
      slots,
      leaseMs: EXECUTOR_LEASE_MS,
      ...surroundings,
    });
    const mayDie = (): void => {
      if (!world.random.chance(rates.crash * 10))
        return void world.schedule(1_000, mayDie, { process, background: true });
      world.note(`${process.name} dies`);
      die();
    };
    world.schedule(1_000, mayDie, { process, background: true });
  }

  private startCoordinator(): void {
    const process = this.begin("coordinator");
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
    const { world, rates, hooks, limits, onAppend = () => undefined } = this.options;
    const clock = world.clockOf(process);
    const real = { ...openMemory({ clock, contents: this.contents }), blobs: this.disk.open() };
    const store = faultyPorts(real, { world, process, rates, isFull: () => this.isFull, onCrash, onAppend });
    const stopping = new AbortController();
    const families = [PLANS, TOOLS];
    const projector = new Projector({ events: store.events, views: store.views, clock, log: SILENT, families });
    const { events } = projector;
    const ports = { ...store, events, clock, random: world.random, log: SILENT, signal: stopping.signal };
    await projector.catchUp([PLANS]);
    projector.start();
    const quarantine = await Quarantine.load(ports);
    const epoch = (await store.events.head()) + 2;
    const { plans: live } = await listPlans(projector, { tag: "live", limit: Infinity });
    // What it has done so far may have been the last thing that it did.
    const isGone = (): boolean => !process.alive;
    if (isGone()) return;
    const payloads = new Payloads(store.blobs);
    const bus = this.bus.as(process, onCrash);
    const id = coordinatorId.parse(`coordinator-${epoch}`);
    const ownership = soleOwner(epoch);
    const ledger = new SlotLedger(limits, { now: () => clock.monotonic(), leaseMs: EXECUTOR_LEASE_MS });
    const context = { ...ports, id, ownership, bus, payloads, ledger, hooks };
    const coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
    coordinator.ownAll();
    if (isGone()) return;
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
}
