import {
  coordinatorId,
  executorId,
  RANDOM_BYTES_PER_ID,
  uuidV7,
  type CoordinatorId,
  type ExecutorId,
  type PlanId,
} from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { sweepBlobs } from "#src/blobs/sweep.ts";
import { Executor, type ExecutorOptions } from "#src/executor/executor.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import { ANSWERS, CHANGES, PLANS, REQUESTS, TOOLS } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import type { ClaimsLedger } from "#src/runtime/claims-ledger.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { soleOwner, type Ownership } from "#src/runtime/ownership.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { EPOCHS, epochBaseIn, ownerIn, partitionKey } from "#src/ownership/lease-words.ts";
import { sharePlans } from "#src/ownership/plan-sharing.ts";
import { MemoryEventStore } from "#src/store/memory/event-store.ts";
import { createMemoryContents, type MemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { BlobDisk } from "#src/simulation/blob-disk.ts";
import type { ClusterOptions } from "#src/simulation/cluster-options.ts";
import { faultyLeases } from "#src/simulation/faulty-leases.ts";
import { faultyPorts, type StorePorts } from "#src/simulation/faulty-ports.ts";
import { newestEpochIn, serverOf } from "#src/simulation/shared-log.ts";
import { Machines } from "#src/simulation/machines.ts";
import type { Process } from "#src/simulation/process.ts";
import { EXECUTOR_LEASE_MS } from "#src/ports/bus.ts";
import { SimulatedBus } from "#src/simulation/simulated-bus.ts";

// Coordinators and executors as processes that die, stand still and come back: the real runtime over simulated ports. The disk
// (store and blobs) outlives them all. One coordinator has the log for itself; several share the plans' partitions by
// leases, and each keeps views of its own.

const MAX_RESTART_MS = 3_000;
/** How young garbage may be that is swept: by who may be the only one that has put anything, and by one of several. */
const SWEEP_GRACE_MS = 5_000;
const SHARED_SWEEP_GRACE_MS = 60_000;

/** A coordinator's process as people reach it. */
export interface Holder {
  readonly process: Process;
  readonly ownership: Ownership;
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
  /** Those that are open, by name. */
  private readonly open = new Map<string, Holder>();
  /** What several agree on. */
  readonly leases = new LeaseBook();
  /** Views that a coordinator keeps beside the log, by its name. */
  private readonly caches = new Map<string, MemoryContents>();
  /** The process of every ownership that was not given up, by its epoch. */
  readonly owners = new Map<number, Process>();
  readonly executors = new Map<ExecutorId, Process>();
  private readonly machines: Machines;
  private readonly log: EventStore;
  private readonly options: ClusterOptions;

  constructor(options: ClusterOptions) {
    const { world, disk = { contents: createMemoryContents(), blobs: new BlobDisk(world) } } = options;
    this.options = options;
    this.contents = disk.contents;
    this.disk = disk.blobs;
    this.machines = new Machines({ world, rates: options.rates, disk: this.disk });
    this.bus = new SimulatedBus(world, options.rates);
    this.log = new MemoryEventStore(world.clock, this.contents);
    for (let index = 0; index < this.coordinators; index++) this.startCoordinator(index);
    for (let index = 0; index < options.executors; index++) this.startExecutor(index);
  }

  get coordinators(): number {
    return this.options.coordinators ?? 1;
  }

  private get isAlone(): boolean {
    return this.coordinators === 1 && this.options.isShared !== true;
  }

  get holders(): readonly Holder[] {
    return [...this.open.values()];
  }

  /** Who owns the plan, as far as that is known where it runs. */
  holderOf(plan: PlanId): Holder | undefined {
    return this.holders.find(({ ownership }) => ownership.epochOf(partitionOf(plan)) !== undefined);
  }

  /** By what the leases say; undefined for a partition that nobody owns. */
  epochOf(partition: number): number | undefined {
    const lease = this.leases.entries.get(partitionKey(partition));
    const base = epochBaseIn(this.leases.entries.get(EPOCHS)?.value);
    const isOwned = lease !== undefined && ownerIn(lease.value) !== undefined;
    return isOwned && base !== undefined ? base + lease.revision : undefined;
  }

  /** Faults stop: clocks are right, the disk has room and is as it was written. */
  becomeCalm(): void {
    this.leases.isAway = false;
    this.machines.becomeCalm();
  }

  /** The disk is whole again: what could not be read goes on. */
  async releaseAll(): Promise<void> {
    for (const { quarantine, coordinator } of this.holders) {
      await quarantine.catchUp();
      for (const { plan } of quarantine.list()) {
        if (this.holderOf(plan)?.quarantine !== quarantine) continue;
        await quarantine.release(plan);
        coordinator.resume(plan);
      }
    }
  }

  /** Kills an executor now and then; its place is taken by a new incarnation. */
  private startExecutor(index: number): void {
    const { world, toolsOf, slots, rates, surroundings = NOTHING } = this.options;
    const process = this.machines.begin(`executor ${index}`);
    const id = executorId.parse(`executor-${index}-${uuidV7(world.now(), world.random.bytes(RANDOM_BYTES_PER_ID))}`);
    this.executors.set(id, process);
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

  private startCoordinator(index: number): void {
    const name = this.coordinators === 1 ? "coordinator" : `coordinator ${index}`;
    const process = this.machines.begin(name, this.options.labour);
    const crash = (): void => this.end(process, index);
    this.openCoordinator(process, crash).catch((error: unknown) => {
      if (!process.alive) return;
      this.options.world.note(`coordinator cannot open: ${String(error)}`);
      crash();
    });
  }

  /** Nothing of the process happens any more; another one takes its place. */
  private end(process: Process, index: number): void {
    const { world } = this.options;
    if (!process.alive) return;
    process.alive = false;
    this.open.delete(process.name);
    world.schedule(world.random.next() * MAX_RESTART_MS, () => this.startCoordinator(index));
  }

  private async openCoordinator(process: Process, onCrash: () => void): Promise<void> {
    const { world, hooks, limits } = this.options;
    const clock = world.clockOf(process);
    const { labour } = this.options;
    const ports = this.portsOf(process, onCrash);
    const store =
      labour === undefined ? ports : { ...ports, events: labour.events(ports.events, serverOf(this.log), process) };
    const stopping = new AbortController();
    const families = [PLANS, TOOLS, REQUESTS, ANSWERS, CHANGES];
    const projector = new Projector({ events: store.events, views: store.views, clock, log: SILENT, families });
    const { events } = projector;
    const parts = { ...store, events, clock, random: world.random, log: SILENT, signal: stopping.signal };
    await projector.catchUp([PLANS]);
    projector.start();
    const quarantine = await Quarantine.load(parts);
    const epoch = (await store.events.head()) + 2;
    // What it has done so far may have been the last thing that it did.
    const isGone = (): boolean => !process.alive;
    if (isGone()) return;
    const id = coordinatorId.parse(`${process.name} ${uuidV7(world.now(), world.random.bytes(RANDOM_BYTES_PER_ID))}`);
    const owning: Owning = { process, id, onCrash, quarantine, projector, epoch };
    const payloads = new Payloads(store.blobs);
    const door = this.bus.as(process, onCrash);
    const bus = labour?.bus(door, process) ?? door;
    const ledger = new SlotLedger(limits, { now: () => clock.monotonic(), leaseMs: EXECUTOR_LEASE_MS });
    const ownership = this.isAlone ? this.soleOwnership(owning) : this.sharedOwnership(owning, ledger.claims);
    const context = { ...parts, id, ownership, bus, payloads, ledger, hooks };
    const coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
    owning.coordinator = coordinator;
    if (this.isAlone) await this.takeAll(owning);
    if (isGone()) return;
    const stop = async (): Promise<void> => {
      this.open.delete(process.name);
      await ownership[Symbol.asyncDispose]?.();
      stopping.abort();
      await coordinator[Symbol.asyncDispose]();
      await projector[Symbol.asyncDispose]();
      onCrash();
    };
    const swept = { events: store.events, blobs: store.blobs, clock };
    const graceMs = this.isAlone ? SWEEP_GRACE_MS : SHARED_SWEEP_GRACE_MS;
    const sweep = (): Promise<unknown> => sweepBlobs(swept, { graceMs });
    this.open.set(process.name, { process, ownership, coordinator, quarantine, events, payloads, sweep, stop });
  }

  private portsOf(process: Process, onCrash: () => void): StorePorts {
    const { world, rates, onAppend = () => undefined } = this.options;
    const clock = world.clockOf(process);
    const blobs = this.disk.open();
    const faulty = { world, process, rates, isFull: () => this.machines.isFull, onCrash, onAppend };
    if (this.isAlone) return faultyPorts({ ...openMemory({ clock, contents: this.contents }), blobs }, faulty);
    const cache = this.caches.get(process.name) ?? createMemoryContents();
    this.caches.set(process.name, cache);
    const { views, snapshots } = openMemory({ clock, contents: cache });
    return faultyPorts({ events: serverOf(this.log), views, snapshots, blobs }, faulty);
  }

  private soleOwnership({ epoch, process }: Owning): Ownership & Partial<AsyncDisposable> {
    this.owners.set(epoch, process);
    return soleOwner(epoch);
  }

  private async takeAll(owning: Owning): Promise<void> {
    owning.coordinator?.ownAll();
    const { plans: live } = await listPlans(owning.projector, { tag: "live", limit: Infinity });
    if (!owning.process.alive) return;
    this.options.world.note(`coordinator opens with epoch ${owning.epoch}, ${live.length} live plans`);
    for (const { plan } of live) owning.coordinator?.resume(plan);
  }

  private sharedOwnership(owning: Owning, claims: ClaimsLedger): Ownership & AsyncDisposable {
    const { world, rates, limits, labour } = this.options;
    const { process, id, onCrash, quarantine, projector } = owning;
    const leases = faultyLeases(memoryLeases(this.leases), { world, process, rates, onCrash });
    const epochs = new Map<number, number>();
    const keeper = sharePlans({
      ...{ id, clock: world.clockOf(process), log: SILENT, views: projector, quarantine, claims, limits },
      leases: labour?.leases(leases, process) ?? leases,
      events: { head: async () => newestEpochIn(this.contents) },
      coordinator: () => owning.coordinator,
      onTaken: (partitions, plans) => {
        world.note(`${process.name} owns ${partitions.length} more partitions with ${plans.length} live plans`);
        for (const partition of partitions) {
          epochs.set(partition, keeper.epochOf(partition) ?? 0);
          this.owners.set(keeper.epochOf(partition) ?? 0, process);
        }
      },
      onGiven: (partition) => void this.owners.delete(epochs.get(partition) ?? 0),
    });
    return keeper;
  }
}

/** What a coordinator's process is made of before its plans are. */
interface Owning {
  readonly process: Process;
  readonly id: CoordinatorId;
  readonly onCrash: () => void;
  readonly quarantine: Quarantine;
  readonly projector: Projector;
  readonly epoch: number;
  coordinator?: Coordinator;
}
