import type { Command } from "#events/commands.ts";
import { newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import type { PlanView } from "#machines/state.ts";
import { Checkers, fingerprint, Violation } from "./checkers.ts";
import { Cluster } from "./cluster.ts";
import { CALM, type FaultRates } from "./faulty-ports.ts";
import { randomPlan } from "./random-plans.ts";
import { Account, scriptedTools } from "./scripted-tools.ts";
import { World } from "./world.ts";

// One seed, one run: plans are started, cancelled and answered for while processes die, appends lose their answers and
// messages get lost; then the faults stop, and every plan must end.

const FAULTS_END_MS = 60_000;
/** After the faults, every plan must end within this virtual time. */
const MUST_END_MS = 600_000;
const MAX_STEPS = 60_000;
const OPERATOR_EVERY_MS = 1_500;

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  readonly plans: number;
  readonly events: number;
  readonly executions: number;
  readonly crashes: number;
  readonly violation?: string;
  readonly trace: readonly string[];
}

export async function simulate(seed: number): Promise<SimulationResult> {
  const world = new World(seed);
  const run = new Run(world);
  let violation: string | undefined;
  try {
    await run.toTheEnd();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
  }
  return {
    seed,
    steps: world.steps,
    plans: run.plans.length,
    events: run.cluster.contents.log.length,
    executions: run.account.executions.length,
    crashes: world.trace.filter((line) => line.includes(" dies")).length,
    ...(violation === undefined ? {} : { violation }),
    trace: world.trace,
  };
}

class Run {
  readonly plans: PlanId[] = [];
  readonly account = new Account();
  readonly cluster: Cluster;
  private readonly world: World;
  private readonly rates: FaultRates;
  private readonly checkers: Checkers;
  private readonly comparisons: Promise<void>[] = [];
  private failure: Error | undefined;
  private isCalm = false;

  constructor(world: World) {
    this.world = world;
    this.rates = randomRates(world);
    const tools = scriptedTools({
      random: world.random,
      account: this.account,
      now: () => world.now(),
      isCalm: () => this.isCalm,
    });
    this.cluster = new Cluster({
      world,
      rates: this.rates,
      tools,
      executors: world.random.int(1, 3),
      slots: world.random.int(1, 4),
      hooks: { onFacts: (plan, _facts, state) => this.see(plan, state) },
    });
    this.checkers = new Checkers(world, this.cluster.contents, this.account);
    this.cluster.bus.onSent = (_executor, message) => this.guard(() => this.checkers.checkSent(message));
  }

  async toTheEnd(): Promise<void> {
    this.startPlans();
    this.world.schedule(OPERATOR_EVERY_MS, () => this.operate());
    const steps = { maxSteps: MAX_STEPS };
    await this.world.runUntil(() => this.isBroken(), { untilMs: FAULTS_END_MS, ...steps });
    this.world.note("faults stop");
    Object.assign(this.rates, CALM);
    this.isCalm = true;
    const untilMs = FAULTS_END_MS + MUST_END_MS;
    const isOver = await this.world.runUntil(() => this.isBroken() || this.allEnded(), { untilMs, ...steps });
    await Promise.all(this.comparisons);
    if (this.failure !== undefined) throw this.failure;
    if (!isOver) throw new Violation(`plans do not end: ${this.describe(this.unended())}`);
    await this.checkers.checkViews();
  }

  private isBroken(): boolean {
    this.guard(() => this.checkers.check());
    return this.failure !== undefined;
  }

  private allEnded(): boolean {
    return this.unended().length === 0;
  }

  private unended(): string[] {
    return [...this.checkers.plans].filter(([, trace]) => trace.ended === undefined).map(([plan]) => plan);
  }

  private describe(plans: readonly string[]): string {
    return plans.map((plan) => `${plan} (${this.checkers.last(plan as PlanId)})`).join(", ");
  }

  private startPlans(): void {
    const { random } = this.world;
    const count = random.int(1, 5);
    for (let index = 0; index < count; index++) {
      const plan = newPlanId(this.world.now() + index, random.bytes(RANDOM_BYTES_PER_ID));
      this.plans.push(plan);
      const command = { type: "StartPlan" as const, definition: randomPlan(random, index), inputs: {} };
      this.world.schedule(random.next() * 20_000, () => this.ask(plan, command));
      if (random.chance(0.15))
        this.world.schedule(random.next() * 50_000, () => this.ask(plan, { type: "CancelPlan" }));
    }
  }

  /** A person: answers for unknown outcomes, in one of the three ways. */
  private operate(): void {
    const { random } = this.world;
    for (const [plan, { steps }] of this.checkers.plans) {
      for (const [step, { unknown }] of steps) {
        if (!unknown || (!this.isCalm && random.chance(0.7))) continue;
        const kind = random.pick(["done", "retry", "fail"] as const);
        const resolution = kind === "done" ? { kind, output: inline("answered") } : { kind };
        this.ask(plan, { type: "ResolveOutcome", step, resolution });
      }
    }
    this.world.schedule(OPERATOR_EVERY_MS, () => this.operate());
  }

  /** K5: an answer means that the log has it. */
  private ask(plan: PlanId, command: Command): void {
    const { coordinator } = this.cluster;
    if (coordinator === undefined) return;
    coordinator.send(plan, command).then(
      (decision) => {
        this.world.note(`${command.type} ${plan.slice(-4)}: ${decision.kind}`);
        this.guard(() => {
          this.checkers.check();
          if (decision.kind === "accepted" && !this.checkers.plans.has(plan))
            this.checkers.fail(`${command.type} was answered but is not in the log`);
          if (decision.kind === "rejected" && decision.code === "plan-quarantined")
            this.checkers.fail(`${plan} was quarantined`);
        });
      },
      (error: unknown) =>
        this.guard(() => this.checkers.fail(`${command.type} was answered with a fault: ${String(error)}`)),
    );
  }

  private see(plan: PlanId, state: PlanView): void {
    if (!this.world.random.chance(0.2)) return;
    const encoded = fingerprint(state);
    const compared = this.checkers.checkState(plan, encoded, state.revision);
    this.comparisons.push(compared.catch((error: unknown) => this.remember(error)));
  }

  private guard(judge: () => void): void {
    try {
      judge();
    } catch (error) {
      this.remember(error);
    }
  }

  /** The first failure is the one that matters. */
  private remember(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }
}

/** Some runs are nearly calm, some are storms: a bug that needs quiet is found as well as one that needs a crowd. */
function randomRates({ random }: World): FaultRates {
  const severity = random.next();
  return {
    crash: random.chance(0.3) ? 0 : 0.02 * severity,
    lostAnswer: 0.2 * random.next() * severity,
    refusedAppend: random.chance(0.5) ? 0 : 0.1 * severity,
    dropped: 0.2 * random.next() * severity,
    doubled: 0.2 * random.next() * severity,
    maxDelayMs: random.pick([1, 20, 500]),
  };
}
