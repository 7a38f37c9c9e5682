import { executorId, RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { Executor } from "#src/executor/executor.ts";
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
import { faultyPorts, SimulatedBus, type FaultRates } from "./faulty-ports.ts";
import { Process, type World } from "./world.ts";

// One coordinator and some executors as processes that die and come back: the real runtime over simulated ports. The
// disk (store and blobs) outlives them all.

const EXECUTOR_LEASE_MS = 4_000;
const MAX_RESTART_MS = 3_000;

export interface ClusterOptions {
  readonly world: World;
  readonly rates: FaultRates;
  readonly tools: ToolRegistry;
  readonly executors: number;
  readonly slots: number;
  readonly hooks: RuntimeHooks;
}

export class Cluster {
  readonly contents = createMemoryContents();
  readonly bus: SimulatedBus;
  coordinator: Coordinator | undefined;
  private readonly blobContents: BlobContents = new Map();
  private readonly options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.options = options;
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
    const { world } = this.options;
    const process = new Process("coordinator");
    const crash = (): void => {
      if (!process.alive) return;
      process.alive = false;
      this.coordinator = undefined;
      world.schedule(world.random.next() * MAX_RESTART_MS, () => this.startCoordinator());
    };
    this.open(process, crash).catch((error: unknown) => {
      if (!process.alive) return;
      world.note(`coordinator cannot open: ${String(error)}`);
      crash();
    });
  }

  private async open(process: Process, onCrash: () => void): Promise<void> {
    const { world, rates, hooks } = this.options;
    const clock = world.clockOf(process);
    const { views, ...real } = openMemory({ clock, contents: this.contents });
    const store = faultyPorts({ ...real, blobs: memoryBlobs(this.blobContents) }, { world, process, rates, onCrash });
    const { signal } = new AbortController();
    const families = [PLANS, TOOLS];
    const projector = new Projector({ events: store.events, views, clock, log: SILENT, families });
    const ports = {
      ...store,
      events: projector.events,
      clock,
      random: world.random,
      log: SILENT,
      signal,
    };
    await projector.catchUp([PLANS]);
    projector.start();
    const quarantine = await Quarantine.load(ports);
    const epoch = (await store.events.head()) + 2;
    const { plans: live } = await listPlans(projector, { tag: "live", limit: Infinity });
    if (!process.alive) return;
    const payloads = new Payloads(store.blobs);
    const context = { ...ports, bus: this.bus.as(process), epoch, payloads, ledger: new SlotLedger(), hooks };
    this.coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
    world.note(`coordinator opens with epoch ${epoch}, ${live.length} live plans`);
    for (const { plan } of live) this.coordinator.resume(plan);
  }
}
