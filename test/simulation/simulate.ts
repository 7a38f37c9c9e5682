import { newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import { Violation } from "./checkers/checker.ts";
import { fingerprint, Judge } from "./checkers/judge.ts";
import { Cluster } from "./cluster.ts";
import { CALM, type FaultRates } from "./faults/faulty-ports.ts";
import { Approvers } from "./people/approvers.ts";
import { Clients } from "./people/clients.ts";
import { Desk } from "./people/desk.ts";
import { Operators } from "./people/operators.ts";
import { Senders } from "./people/senders.ts";
import { randomPlan } from "./plans/random-plan.ts";
import { Account } from "./tools/account.ts";
import { scriptedTools } from "./tools/scripted-tools.ts";
import { World } from "./world.ts";

// One seed, one run: plans are started and people meddle with them while processes die, appends lose their answers, messages
// get lost and blobs are damaged; then the faults stop, and every plan must end.

const FAULTS_END_MS = 60_000;
/** After the faults, every plan must end within this virtual time. */
const MUST_END_MS = 600_000;
const MAX_STEPS = 60_000;
/** The state of a plan with more is folded anew less often. */
const FEW_STEPS = 200;
const PEOPLE_LOOK_EVERY_MS = 1_500;
const TROUBLE_EVERY_MS = 1_000;

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  readonly plans: number;
  readonly events: number;
  readonly executions: number;
  readonly crashes: number;
  /** Facts by type. */
  readonly facts: Readonly<Record<string, number>>;
  readonly violation?: string;
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  /** Every fact goes into the trace as well. */
  readonly withFacts?: boolean;
}

export async function simulate(seed: number, { withFacts = false }: SimulationOptions = {}): Promise<SimulationResult> {
  const world = new World(seed);
  const run = new Run(world);
  if (withFacts) run.noteFacts();
  let violation: string | undefined;
  try {
    await run.toTheEnd();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
  }
  const { log } = run.cluster.contents;
  const facts: Record<string, number> = {};
  for (const { type } of eventsAt(log)) facts[type] = (facts[type] ?? 0) + 1;
  return {
    seed,
    steps: world.steps,
    plans: run.plans.length,
    events: log.length,
    executions: run.account.executions.length,
    crashes: world.trace.filter((line) => line.includes(" dies")).length,
    facts,
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
  private readonly judge: Judge;
  private readonly desk: Desk;
  private readonly watchers: readonly Watcher[];
  private readonly senders: Senders;
  private readonly comparisons: Promise<void>[] = [];
  private failure: Error | undefined;
  private isCalm = false;

  constructor(world: World) {
    this.world = world;
    this.rates = randomRates(world);
    const { random } = world;
    const { account } = this;
    const tools = scriptedTools({ random, account, now: () => world.now(), isCalm: () => this.isCalm });
    this.cluster = new Cluster({
      world,
      rates: this.rates,
      tools,
      executors: random.int(1, 3),
      slots: random.int(1, 4),
      hooks: {
        onFacts: (plan, _facts, state) => this.see(plan, state),
        onQuarantined: (plan, code, message) => this.noteQuarantine(plan, `${code}: ${message}`),
      },
      onAppend: (batch) => this.guard(() => this.judge.blobs.appending(batch)),
    });
    const { contents, disk } = this.cluster;
    this.judge = new Judge({ world, contents, disk, account });
    this.cluster.bus.onSent = (message) => this.guard(() => this.judge.checkSent(message));
    this.cluster.bus.onReport = ({ key }) => account.reported.add(`${key.plan}/${key.step}/${key.attempt}`);
    const guard = (judgement: () => void): void => this.guard(judgement);
    this.desk = new Desk({ world, judge: this.judge, cluster: this.cluster, guard });
    this.senders = new Senders(this.desk);
    this.watchers = [new Operators(this.desk), new Approvers(this.desk), this.senders];
  }

  noteFacts(): void {
    this.judge.onFact = ({ story, fact }) =>
      this.world.note(`  ${story.plan.slice(-4)} ${story.facts} ${fact.type} ${JSON.stringify(fact.data)}`);
  }

  async toTheEnd(): Promise<void> {
    this.startPlans();
    this.world.schedule(PEOPLE_LOOK_EVERY_MS, () => this.look());
    this.world.schedule(TROUBLE_EVERY_MS, () => this.trouble());
    const steps = { maxSteps: MAX_STEPS };
    await this.world.runUntil(() => this.isBroken(), { untilMs: FAULTS_END_MS, ...steps });
    this.becomeCalm();
    const untilMs = FAULTS_END_MS + MUST_END_MS;
    const isOver = await this.world.runUntil(() => this.isBroken() || this.allEnded(), { untilMs, ...steps });
    await Promise.all(this.comparisons);
    if (this.failure !== undefined) throw this.failure;
    if (!isOver) this.judge.fail("liveness", `plans do not end: ${this.describe()}`);
    await this.judge.checkEnd();
  }

  private becomeCalm(): void {
    this.world.note("faults stop");
    Object.assign(this.rates, CALM);
    this.isCalm = true;
    this.cluster.disk.restore();
  }

  private isBroken(): boolean {
    this.guard(() => this.judge.check());
    return this.failure !== undefined;
  }

  private allEnded(): boolean {
    const stories = [...this.judge.stories.values()];
    return stories.every(({ isEnded }) => isEnded);
  }

  private describe(): string {
    const unended = [...this.judge.stories.values()].filter(({ isEnded }) => !isEnded);
    return unended.map((story) => `${story.plan} (${this.judge.last(story)})`).join(", ");
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
  }

  /** People look at every plan. */
  private look(): void {
    for (const story of this.judge.stories.values()) {
      for (const watcher of this.watchers) watcher.look(story, this.isCalm);
      this.guard(() => this.judge.signals.watch(story, this.world.now()));
    }
    this.world.schedule(PEOPLE_LOOK_EVERY_MS, () => this.look());
  }

  /** What happens to the machine beside its processes. */
  private trouble(): void {
    const { random } = this.world;
    const { disk, holder } = this.cluster;
    if (random.chance(this.rates.damage)) disk.damage();
    if (!this.isCalm && random.chance(0.02)) void holder?.stop();
    if (random.chance(0.02)) holder?.sweep().catch((error: unknown) => this.world.note(`no sweep: ${String(error)}`));
    if (this.isCalm) void this.cluster.releaseAll();
    this.world.schedule(TROUBLE_EVERY_MS, () => this.trouble());
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
    maxDiskMs: random.pick([2, 20, 300]),
    damage: random.chance(0.7) ? 0 : 0.05,
  };
}
