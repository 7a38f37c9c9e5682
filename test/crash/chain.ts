import type { RecordedEvent } from "#events/envelope.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { planwright } from "../e2e/command.ts";
import { Breach } from "./breach.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger } from "./ledger.ts";
import { Life } from "./life.ts";
import type { Mood } from "./load/clients.ts";
import { People } from "./load/people.ts";
import { LOAD_PLANS } from "./load/plans.ts";
import { COMES_UP_WITHIN_MS, drawMoment, killAt, type Moment, type MomentName } from "./moments.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";
import { recordedOf } from "./recorded.ts";
import { Witness } from "./witness.ts";

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
  /** Facts by type. */
  readonly facts: Readonly<Record<string, number>>;
}

export interface ChainOptions {
  readonly seed: number;
  readonly kills: number;
  readonly signal: AbortSignal;
  readonly onKill?: (kill: Kill) => void;
}

const ENDS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
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
  private readonly witness = new Witness();
  private readonly ledger: Ledger;
  private readonly law: Law;
  private readonly effects: Effects;
  private readonly people: People;
  private readonly kills: Kill[] = [];

  constructor(place: Place, options: ChainOptions) {
    this.place = place;
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.ledger = new Ledger(place.ledger);
    this.law = new Law(place.store);
    this.effects = new Effects(this.law, this.ledger);
    const { random, witness, ledger, law } = this;
    this.people = new People({ random, witness, ledger, stories: law.stories });
  }

  async run(): Promise<ChainResult> {
    const { kills, signal, seed } = this.options;
    if (seed % WIDE_EVERY === 0) this.people.clients.draw(WIDE);
    let idle = 0;
    while (this.kills.length < kills) {
      signal.throwIfAborted();
      idle = (await this.killOne()) ? 0 : idle + 1;
      if (idle > MAX_IDLE_PROCESSES) throw new Breach("load", "processes end before they can be killed");
    }
    await this.endCalmly();
    return this.result();
  }

  /** False: the process had ended by itself before. */
  private async killOne(): Promise<boolean> {
    const moment = drawMoment(this.random);
    const program = this.place.start(await this.drawCommand());
    const life = this.attend(program, moment.name === "checkpoint" ? "bulky" : "mixed");
    const isKilled = await killAt(moment, program, this.place.store);
    await life.over;
    const facts = await this.look(life, this.kills.length % THOROUGH_EVERY === 0);
    if (isKilled) this.note(moment, program, facts);
    else await assertNoDefect(program);
    return isKilled;
  }

  /** Mostly `serve`; now and then one that goes on with what is there, or starts a plan by itself. */
  private async drawCommand(): Promise<readonly string[]> {
    const drawn = this.random.next();
    if (drawn < RESUMES && this.law.log.length > 0) return ["resume", "--json"];
    if (drawn < RESUMES + RUNS) {
      const { key, plan, inputs } = this.people.clients.draw();
      const file = await this.place.write(`${key}.yaml`, plan.source);
      return ["run", file, "--json", "--key", key, "--input", `id=${inputs.id}`];
    }
    return ["serve", "--json"];
  }

  private attend(program: Program, mood: Mood): Life {
    const { people, witness, law } = this;
    return new Life({
      ...{ program, people, mood, store: this.place.store, after: witness.last },
      onFact: (fact) => {
        witness.see(fact);
        if (fact.position === law.log.length) law.follow(recordedOf(fact));
      },
    });
  }

  /** Everything that is to hold while no process is there. Gives the facts that are new since the last look. */
  private async look(life: Life, isThorough: boolean): Promise<readonly RecordedEvent[]> {
    if (life.failure !== undefined) throw asError(life.failure);
    const fresh = this.ledger.refresh();
    const log = await checkStore(this.place.store, this.witness, { isThorough });
    const before = this.looked;
    this.looked = log.length;
    for (const event of log.slice(this.law.log.length)) this.law.follow(event);
    this.effects.check(fresh);
    return log.slice(before);
  }

  private looked = 0;

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

  private async endCalmly(): Promise<void> {
    const program = this.place.start(["serve", "--json"]);
    const life = this.attend(program, "calm");
    try {
      await this.untilAllEnded(program, life);
    } catch (error) {
      program.kill("SIGKILL");
      throw error;
    } finally {
      program.kill("SIGTERM");
      await program.ended;
      await life.over;
    }
    const { code, stderr } = await program.ended;
    if (code !== 0) throw new Breach("closing", `serve ended with ${code}: ${stderr.slice(-2_000)}`);
    await this.look(life, true);
    this.effects.checkEnd();
    const doctor = await planwright(["doctor", "--json", "--store", this.place.store], { cwd: this.place.path });
    if (doctor.code !== 0) throw new Breach("doctor", doctor.stdout + doctor.stderr);
  }

  private async untilAllEnded(program: Program, life: Life): Promise<void> {
    const giveUpAt = Date.now() + ENDS_WITHIN_MS;
    const open = (): string[] => [
      ...this.people.clients.starts.flatMap(({ key, told }) => (told === undefined ? [`the start ${key}`] : [])),
      ...[...this.law.stories.values()].flatMap(({ isEnded, name, plan }) => (isEnded ? [] : [`${name} ${plan}`])),
    ];
    while (open().length > 0 && life.failure === undefined && !program.hasEnded) {
      this.options.signal.throwIfAborted();
      if (Date.now() > giveUpAt) throw new Breach("liveness", `after the last kill does not end: ${open().join(", ")}`);
      await program.until(() => false, LOOK_EVERY_MS);
    }
  }

  private result(): ChainResult {
    const facts: Record<string, number> = {};
    for (const { type } of this.law.log) facts[type] = (facts[type] ?? 0) + 1;
    return {
      kills: this.kills,
      plans: this.law.stories.size,
      answers: this.witness.answers.length,
      attached: this.people.clients.attached,
      effects: this.ledger.entries.filter(({ what }) => what === "done").length,
      facts,
    };
  }
}

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

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}
