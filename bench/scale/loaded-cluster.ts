import { newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { PARTITIONS } from "#events/streams.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { BusyProcess } from "#src/simulation/busy-process.ts";
import { Cluster } from "#src/simulation/cluster.ts";
import { CALM } from "#src/simulation/fault-rates.ts";
import { Labour, type ServiceTimes } from "#src/simulation/labour.ts";
import { World } from "#src/simulation/world.ts";
import { registry } from "#src/tools/registry.ts";
import { sequentialPlan } from "../bench-engine.ts";
import { echo } from "../bench.tools.ts";

// A simulated cluster under load: the real coordinators, executors, leases and lent slots in virtual time, each coordinator one
// thread whose work takes as long as it was measured to. A closed loop keeps so many plans of ten trivial steps in flight for each
// coordinator; one of several leaves and comes back before anything is counted, so that partitions and slots have moved.
//
// S1. Nothing here knows what comes out: steps a second are successes in the log, per second of virtual time.

export interface LoadOptions {
  readonly coordinators: number;
  readonly times: ServiceTimes;
  /** Virtual ms in which steps are counted. */
  readonly windowMs: number;
  /** Plans in flight for each coordinator while steps are counted; default: enough that each has work all the time. */
  readonly plans?: number;
  readonly seed?: number;
}

export interface Load {
  readonly coordinators: number;
  readonly stepsPerS: number;
  /** How much of the window each coordinator worked, the least first. */
  readonly busy: readonly number[];
  /** Events that each coordinator read for its views, per second: it reads those of all, in pieces, once for all views. */
  readonly readPerS: number;
  /** Partitions of each coordinator at the end, the least first. */
  readonly partitions: readonly number[];
}

const STEPS_PER_PLAN = 10;
/** For each coordinator: while partitions move, and while steps are counted. */
const FEW_PLANS = 1;
const PLANS = 64;
/** Enough for all plans at once, whoever has how many. */
const EXECUTORS = 8;
const SLOTS = 128;
/** Until the load is even. */
const WARM_UP_MS = 500;
/** Until partitions are shared, at most: somebody may have to come back before. */
const SHARED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;
const ASK_AGAIN_MS = 20;

export async function loadOf(options: LoadOptions): Promise<Load> {
  const run = new LoadedCluster(options);
  await run.shared();
  run.load(FEW_PLANS);
  if (options.coordinators > 1) await run.oneLeavesAndComesBack();
  run.load(options.plans ?? PLANS);
  await run.pass(WARM_UP_MS);
  return run.counted(options.windowMs);
}

class LoadedCluster {
  private readonly options: LoadOptions;
  private readonly world: World;
  private readonly cluster: Cluster;
  private readonly labour: Labour;
  private readonly definition = sequentialPlan(STEPS_PER_PLAN);
  private readonly inFlight = new Set<PlanId>();
  private plans = 0;
  private steps = 0;

  constructor(options: LoadOptions) {
    this.options = options;
    this.world = new World(options.seed ?? 1);
    this.labour = new Labour(this.world, options.times);
    const tools = registry([echo]);
    this.cluster = new Cluster({
      world: this.world,
      rates: { ...CALM },
      toolsOf: () => tools,
      executors: EXECUTORS,
      coordinators: options.coordinators,
      isShared: true,
      slots: SLOTS,
      limits: UNLIMITED,
      labour: this.labour,
      hooks: {
        onFacts: (plan, facts) => {
          for (const { type } of facts) {
            if (type === "StepSucceeded") this.steps++;
            else if (type === "PlanSucceeded") this.end(plan);
          }
        },
      },
    });
  }

  /** Lets time pass until every coordinator has its share of the partitions. */
  async shared(): Promise<void> {
    const untilMs = this.world.elapsed + SHARED_WITHIN_MS;
    while (this.world.elapsed < untilMs) {
      await this.pass(LOOK_EVERY_MS);
      const [least = 0] = this.shares();
      if (this.cluster.holders.length === this.options.coordinators && least >= this.fairShare) return;
    }
    throw new Error(`partitions are not shared within ${SHARED_WITHIN_MS} ms: ${this.shares().join(", ")}`);
  }

  async pass(ms: number): Promise<void> {
    await this.world.runUntil(() => false, { untilMs: this.world.elapsed + ms, maxSteps: Infinity });
  }

  /** So many plans are in flight for each coordinator from now on. */
  load(plans: number): void {
    this.plans = plans * this.options.coordinators;
    while (this.inFlight.size < this.plans) this.begin();
  }

  async oneLeavesAndComesBack(): Promise<void> {
    const stopped = this.cluster.holders.at(-1)?.stop();
    await this.pass(LOOK_EVERY_MS);
    await this.shared();
    await stopped;
  }

  async counted(windowMs: number): Promise<Load> {
    const { coordinators } = this.options;
    const worked = this.worked();
    const { steps } = this;
    const read = this.labour.eventsRead;
    await this.pass(windowMs);
    const busy = this.worked().map((ms, index) => (ms - (worked[index] ?? 0)) / windowMs);
    const stepsPerS = ((this.steps - steps) / windowMs) * 1_000;
    const readPerS = ((this.labour.eventsRead - read) / coordinators / windowMs) * 1_000;
    return { coordinators, stepsPerS, readPerS, busy: busy.sort((a, b) => a - b), partitions: this.shares() };
  }

  private worked(): number[] {
    return this.cluster.holders.map(({ process }) => (process instanceof BusyProcess ? process.workedMs : NaN));
  }

  private get fairShare(): number {
    return Math.floor(PARTITIONS / this.options.coordinators);
  }

  private shares(): number[] {
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const shares = this.cluster.holders.map(
      ({ ownership }) => all.filter((partition) => ownership.epochOf(partition) !== undefined).length,
    );
    return shares.sort((a, b) => a - b);
  }

  private begin(): void {
    const plan = newPlanId(this.world.now(), this.world.random.bytes(RANDOM_BYTES_PER_ID));
    this.inFlight.add(plan);
    this.ask(plan);
  }

  /** Asks whoever owns the plan, again and again while nobody does. */
  private ask(plan: PlanId): void {
    const again = (): void => void this.world.schedule(ASK_AGAIN_MS, () => this.ask(plan));
    const holder = this.cluster.holderOf(plan);
    if (holder === undefined) {
      again();
      return;
    }
    const command = { type: "StartPlan" as const, definition: this.definition, inputs: { start: "begin" } };
    holder.process.run(() => void holder.coordinator.send(plan, command).catch(again));
  }

  private end(plan: PlanId): void {
    this.inFlight.delete(plan);
    this.world.schedule(0, () => {
      if (this.inFlight.size < this.plans) this.begin();
    });
  }
}
