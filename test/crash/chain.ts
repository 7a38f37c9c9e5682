import type { RecordedEvent } from "#events/envelope.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "./breach.ts";
import type { Repositories } from "./checkers/repositories.ts";
import { endAllWorkingIn } from "./left-running.ts";
import { LOADS, type LoadName } from "./load/loads.ts";
import { LOAD_PLANS } from "./load/plans.ts";
import { COMES_UP_WITHIN_MS, drawMoment, killAt, type Moment, type MomentName } from "./moments.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";
import { StoreWatch } from "./store-watch.ts";

// One store and the processes that are killed over it, one after the other; then a last one that is left alone, in which
// every plan must end.
//
// N1. After each kill the store is looked at where it lies, and again by whoever takes it up: facts go on behind the last
//     that was seen.
// N2. Going on counts from just before a process is started to the moment of the first fact that it recorded.

export interface Kill {
  readonly moment: MomentName;
  readonly command: string;
  /** Facts that the process had recorded. */
  readonly facts: number;
  /** Milliseconds until the first of them. */
  readonly goingOnMs: number | undefined;
  /** How much of that it waited for a core. */
  readonly queuedMs: number;
}

export interface ChainResult {
  readonly kills: readonly Kill[];
  readonly plans: number;
  readonly answers: number;
  /** Starts with a key that had its plan already. */
  readonly attached: number;
  readonly effects: number;
  /** Of plans that change files. */
  readonly changes: Repositories["counts"];
  /** Facts by type. */
  readonly facts: Readonly<Record<string, number>>;
}

export interface ChainOptions {
  readonly seed: number;
  readonly kills: number;
  readonly load: LoadName;
  readonly signal: AbortSignal;
  readonly onKill?: (kill: Kill) => void;
}

/** Every so many kills every payload is read. */
const THOROUGH_EVERY = 5;
/** Processes in a row that end by themselves before they are killed. */
const MAX_IDLE_PROCESSES = 40;
/** Exit codes of a defect, and of a program that cannot start. */
const DEFECTS: ReadonlySet<number | null> = new Set([70, 78]);

/** Throws a Breach that names what was broken, or the signal's reason. */
export function killChain(place: Place, options: ChainOptions): Promise<ChainResult> {
  return new Chain(place, options).run();
}

class Chain {
  private readonly place: Place;
  private readonly options: ChainOptions;
  private readonly random: SeededRandom;
  private readonly watch: StoreWatch;
  private readonly kills: Kill[] = [];

  constructor(place: Place, options: ChainOptions) {
    this.place = place;
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.watch = new StoreWatch(place, { random: this.random, ...LOADS[options.load] });
  }

  async run(): Promise<ChainResult> {
    const { kills, signal, seed, load } = this.options;
    if (load === "all" && seed % WIDE_EVERY === 0) this.watch.people.clients.draw(WIDE);
    let idle = 0;
    while (this.kills.length < kills) {
      signal.throwIfAborted();
      idle = (await this.killOne()) ? 0 : idle + 1;
      if (idle > MAX_IDLE_PROCESSES) throw new Breach("load", "processes end before they can be killed");
    }
    await this.watch.endCalmly({ signal });
    return this.result();
  }

  /** False: the process had ended by itself before. */
  private async killOne(): Promise<boolean> {
    const { moments, takesChildren } = LOADS[this.options.load];
    const moment = drawMoment(this.random, moments);
    const takesAll = takesChildren === "sometimes" && this.random.chance(TAKES_CHILDREN);
    const program = this.place.start(await this.drawCommand());
    const life = this.watch.attend(program, { mood: moment.name === "checkpoint" ? "bulky" : "mixed" });
    const isKilled = await killAt(moment, program, this.place);
    if (takesAll) endAllWorkingIn(this.place.path);
    await life.over;
    const facts = await this.watch.look(life, this.kills.length % THOROUGH_EVERY === 0);
    if (isKilled) this.note(moment, program, facts);
    else await assertNoDefect(program);
    return isKilled;
  }

  /** Mostly `serve`; now and then one that goes on with what is there, or starts a plan by itself. */
  private async drawCommand(): Promise<readonly string[]> {
    const drawn = this.random.next();
    if (drawn < RESUMES && this.watch.law.log.length > 0) return ["resume", "--json"];
    if (drawn < RESUMES + RUNS) {
      const { key, plan, inputs } = this.watch.people.clients.draw();
      const file = await this.place.write(`${key}.yaml`, plan.source);
      return ["run", file, "--json", "--key", key, "--input", `id=${inputs.id}`];
    }
    return ["serve", "--json"];
  }

  private note({ name }: Moment, program: Program, facts: readonly RecordedEvent[]): void {
    const { command, firstLineMs, startedAt, queuedMs } = program;
    if (name !== "start-up" && firstLineMs === undefined && command === "serve")
      throw new Breach("going-on", `${command} said nothing for ${COMES_UP_WITHIN_MS} ms`);
    const first = facts[0]?.origin.occurredAt;
    const goingOnMs = first === undefined || this.kills.length === 0 ? undefined : first - startedAt;
    const kill = { moment: name, command, facts: facts.length, goingOnMs, queuedMs };
    this.kills.push(kill);
    this.options.onKill?.(kill);
  }

  private result(): ChainResult {
    const { law, ledger, people, witness, repositories } = this.watch;
    const facts: Record<string, number> = {};
    for (const { type } of law.log) facts[type] = (facts[type] ?? 0) + 1;
    return {
      kills: this.kills,
      plans: law.stories.size,
      answers: witness.answers.length,
      attached: people.clients.attached,
      effects: ledger.entries.filter(({ what }) => what === "done").length,
      changes: repositories.counts,
      facts,
    };
  }
}

/** How often a kill takes the programs with it that the process has started. */
const TAKES_CHILDREN = 0.5;
const RESUMES = 0.1;
const RUNS = 0.1;
/** Of so many stores one has a plan that is wide enough for snapshots. */
const WIDE_EVERY = 4;
const WIDE = LOAD_PLANS.find(({ name }) => name === "wide");

/** A command that ended by itself had nothing left to do. */
async function assertNoDefect({ command, ended }: Program): Promise<void> {
  const { code, signal, stderr } = await ended;
  const isDefect = command === "serve" ? code !== 0 : DEFECTS.has(code);
  if (isDefect) throw new Breach("program", `${command} ended with ${code ?? signal}: ${stderr.slice(-2_000)}`);
}
