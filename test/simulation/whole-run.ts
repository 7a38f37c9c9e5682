import { newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import type { Disk } from "#src/simulation/cluster-options.ts";
import { Cluster } from "#src/simulation/cluster.ts";
import { CALM, randomRates, type FaultRates } from "#src/simulation/fault-rates.ts";
import { silenced } from "#src/simulation/troubled-tools.ts";
import type { World } from "#src/simulation/world.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { fingerprint, Judge } from "./checkers/judge.ts";
import { Approvers } from "./people/approvers.ts";
import { Clients } from "./people/clients.ts";
import { Desk } from "./people/desk.ts";
import { Operators } from "./people/operators.ts";
import { Senders } from "./people/senders.ts";
import { Subscribers } from "./people/subscribers.ts";
import { LIMITS } from "./plans/claims.ts";
import { changePlan, hasChangePlan } from "./plans/change-plan.ts";
import { randomPlan } from "./plans/random-plan.ts";
import type { PlanStory } from "./story/plan-story.ts";
import { Account } from "./tools/account.ts";
import { scriptedTools } from "./tools/scripted-tools.ts";

// One run of a whole system: plans are started and people meddle with them while things go wrong; then the faults stop, and
// every plan must end. Or, where there is a log already, nothing goes wrong and what it holds must end.

const FAULTS_END_MS = 60_000;
/** After the faults, every plan must end within this virtual time. */
const MUST_END_MS = 600_000;
/** A run with more goes round in circles. */
export const MAX_STEPS = 60_000;
/** The state of a plan with more is folded anew less often. */
const FEW_STEPS = 200;
const PEOPLE_LOOK_EVERY_MS = 1_500;
const CARE_EVERY_MS = 1_000;
/** How often a holder of the store is stopped in good order, and garbage is swept, each time. */
const CARE_CHANCE = 0.02;
/** How often several coordinators share the plans. */
const SEVERAL_CHANCE = 0.6;

export interface Beginning {
  /** Faults stop after so many steps at the latest. */
  readonly maxFaultySteps: number;
  /** What there is already, and what is known of it beside. */
  readonly before?: {
    readonly disk: Disk;
    readonly account: Account;
    readonly slots: number;
    readonly coordinators: number;
  };
}

export class WholeRun {
  readonly plans: PlanId[] = [];
  readonly account: Account;
  /** Of each executor. */
  readonly slots: number;
  readonly cluster: Cluster;
  /** How many steps had happened when faults stopped. */
  faultySteps: number | undefined;
  private readonly world: World;
  private readonly maxFaultySteps: number;
  private readonly rates: FaultRates;
  private readonly judge: Judge;
  private readonly desk: Desk;
  private readonly watchers: readonly Watcher[];
  private readonly senders: Senders;
  private readonly subscribers: Subscribers;
  private readonly comparisons: Promise<void>[] = [];
  private failure: Error | undefined;
  private isCalm: boolean;

  constructor(world: World, { maxFaultySteps, before }: Beginning) {
    this.world = world;
    this.maxFaultySteps = maxFaultySteps;
    const { random } = world;
    this.isCalm = before !== undefined;
    this.rates = before === undefined ? randomRates(random) : { ...CALM };
    const account = new Account(before?.account);
    this.account = account;
    const script = { random, account, now: () => world.now(), isCalm: () => this.isCalm };
    const slots = before?.slots ?? random.int(1, 4);
    this.slots = slots;
    this.cluster = new Cluster({
      world,
      rates: this.rates,
      toolsOf: (executor) => scriptedTools(executor, script),
      executors: random.int(1, 3),
      coordinators: before?.coordinators ?? (random.chance(SEVERAL_CHANCE) ? random.int(2, 3) : 1),
      slots,
      limits: LIMITS,
      hooks: {
        onFacts: (plan, _facts, state) => this.see(plan, state),
        onQuarantined: (plan, code, message) => this.noteQuarantine(plan, `${code}: ${message}`),
      },
      onAppend: (batch) => this.guard(() => this.judge.blobs.appending(batch)),
      ...(before === undefined ? {} : { disk: before.disk }),
    });
    this.judge = new Judge({ world, cluster: this.cluster, account, slots });
    this.cluster.bus.onSent = (message) => this.guard(() => this.judge.checkSent(message));
    this.cluster.bus.onReport = (report) => {
      const { plan, step, attempt } = report.key;
      const said = silenced(report);
      account.reported.add(`${plan}/${step}/${attempt}`);
      if (said.outcome.kind === "failed" && said.outcome.isSilent === true)
        account.silent.add(`${plan}/${step}/${attempt}`);
      return said;
    };
    const guard = (judgement: () => void): void => this.guard(judgement);
    this.desk = new Desk({ world, judge: this.judge, cluster: this.cluster, account, guard });
    this.senders = new Senders(this.desk);
    this.subscribers = new Subscribers(this.desk);
    this.watchers = [new Operators(this.desk), new Approvers(this.desk), this.senders];
  }

  noteFacts(): void {
    this.judge.onFact = ({ story, fact }) =>
      this.world.note(`  ${story.plan.slice(-4)} ${story.facts} ${fact.type} ${JSON.stringify(fact.data)}`);
  }

  async toTheEnd(): Promise<void> {
    if (!this.isCalm) this.startPlans();
    this.world.schedule(PEOPLE_LOOK_EVERY_MS, () => this.look());
    this.world.schedule(CARE_EVERY_MS, () => this.care());
    const faulty = { untilMs: FAULTS_END_MS, maxSteps: this.maxFaultySteps };
    if (!this.isCalm) await this.world.runUntil(() => this.isBroken(), faulty);
    this.becomeCalm();
    const calm = { untilMs: FAULTS_END_MS + MUST_END_MS, maxSteps: MAX_STEPS };
    const isOver = await this.world.runUntil(() => this.isBroken() || this.isOver(), calm);
    await Promise.all(this.comparisons);
    if (this.failure !== undefined) throw this.failure;
    if (!isOver) this.judge.fail("liveness", this.describe());
    await this.judge.checkEnd();
  }

  private becomeCalm(): void {
    this.world.note("faults stop");
    this.faultySteps = this.world.steps;
    Object.assign(this.rates, CALM);
    this.isCalm = true;
    this.cluster.becomeCalm();
  }

  private isBroken(): boolean {
    this.guard(() => this.judge.check());
    return this.failure !== undefined;
  }

  private isOver(): boolean {
    const stories = [...this.judge.stories.values()];
    return stories.every(({ isEnded }) => isEnded) && this.subscribers.isUpToDate;
  }

  private describe(): string {
    const unended = [...this.judge.stories.values()].filter(({ isEnded }) => !isEnded);
    if (unended.length === 0) return "a subscriber does not get all of the log";
    return `plans do not end: ${unended.map((story) => `${story.plan} (${this.judge.last(story)})`).join(", ")}`;
  }

  private startPlans(): void {
    const { random } = this.world;
    const count = random.int(1, 5);
    for (let index = 0; index < count; index++) {
      const plan = newPlanId(this.world.now() + index, random.bytes(RANDOM_BYTES_PER_ID));
      this.plans.push(plan);
      const command = { type: "StartPlan" as const, definition: randomPlan(random, `plan${index}`), inputs: {} };
      this.world.schedule(random.next() * 20_000, () => this.desk.ask(plan, command));
      this.senders.early(plan, FAULTS_END_MS / 2);
    }
    if (random.chance(0.3)) new Clients(this.desk).begin("k1");
    if (hasChangePlan(this.world.seed)) this.startChanges();
  }

  /** Drawn apart from all others. */
  private startChanges(): void {
    const random = new SeededRandom(this.world.seed, 1);
    const plan = newPlanId(this.world.now(), random.bytes(RANDOM_BYTES_PER_ID));
    this.plans.push(plan);
    const command = { type: "StartPlan" as const, definition: changePlan(random), inputs: {} };
    this.world.schedule(random.next() * 10_000, () => this.desk.ask(plan, command));
  }

  /** People look at every plan. */
  private look(): void {
    this.subscribers.look();
    for (const story of this.judge.stories.values()) {
      if (story.status === "drafted" && this.isCalm) this.startAgain(story);
      for (const watcher of this.watchers) watcher.look(story, this.isCalm);
      this.guard(() => this.judge.signals.watch(story, this.world.now()));
    }
    this.world.schedule(PEOPLE_LOOK_EVERY_MS, () => this.look());
  }

  /** Whoever started it has no answer, and asks again. */
  private startAgain({ plan, outline }: PlanStory): void {
    this.desk.ask(plan, { type: "StartPlan", definition: outline.definition, inputs: {} });
  }

  /** What those do who keep the machine. */
  private care(): void {
    const { random } = this.world;
    const holder = this.cluster.holders.at(random.int(0, this.cluster.coordinators - 1));
    if (!this.isCalm && random.chance(CARE_CHANCE)) void holder?.stop();
    if (random.chance(CARE_CHANCE))
      holder?.sweep().catch((error: unknown) => this.world.note(`no sweep: ${String(error)}`));
    if (this.isCalm) void this.cluster.releaseAll();
    this.world.schedule(CARE_EVERY_MS, () => this.care());
  }

  private noteQuarantine(plan: PlanId, why: string): void {
    this.world.note(`${plan.slice(-4)} is quarantined: ${why}`);
    this.account.unreadable.add(plan);
    if (!this.cluster.disk.wasDamaged)
      this.guard(() => this.judge.fail("quarantine", `${plan} was quarantined: ${why}`));
  }

  private see(plan: PlanId, state: PlanView): void {
    if (!this.world.random.chance(state.steps.length > FEW_STEPS ? 0.01 : 0.1)) return;
    const compared = this.judge.checkState(plan, fingerprint(state), state.revision);
    this.comparisons.push(compared.catch((error: unknown) => this.remember(error)));
  }

  private guard(judgement: () => void): void {
    try {
      judgement();
    } catch (error) {
      this.remember(error);
    }
  }

  /** The first failure is the one that matters. */
  private remember(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }
}

interface Watcher {
  look(story: Parameters<Operators["look"]>[0], isCalm: boolean): void;
}
