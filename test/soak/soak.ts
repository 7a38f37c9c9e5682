import { Fault } from "#events/fault.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import type { RemoteClient } from "#src/client/remote.ts";
import { connectPlanwright } from "#src/compose.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "../crash/breach.ts";
import type { Life } from "../crash/life.ts";
import type { LoadPlan } from "../crash/load/plans.ts";
import { LOADS } from "../crash/load/loads.ts";
import { COMES_UP_WITHIN_MS, drawMoment, killAt } from "../crash/moments.ts";
import type { Place } from "../crash/place.ts";
import type { Program } from "../crash/program.ts";
import { StoreWatch } from "../crash/store-watch.ts";
import { Audience } from "./audience.ts";
import { Deck } from "./deck.ts";
import { PROBE, SOAK_PLANS } from "./load.ts";
import { DeathList } from "./measured/death-list.ts";
import { diskBytesOf } from "./measured/disk.ts";
import { INSPECTED, Inspector, inspectorIn } from "./measured/inspector.ts";
import type { MemorySample, Sample, SoakRecord } from "./measured/record.ts";
import { Tally } from "./measured/tally.ts";
import { vitalsOf } from "./measured/vitals.ts";
import { stretchesOf, type Stretch, type StretchName } from "./stretches.ts";

// One run: a store, a constant load over HTTP, subscribers that come and go, processes that are killed, and one that lives long.
//
// K1. Everything is measured from outside of the process.
// K2. A process is followed by the next at once, as a supervisor would do; the store is looked at when the run is over.
// K3. What is broken ends the run, and is told with what was measured until then.

export interface SoakOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** On average, in the stretches in which processes are killed; 0 for none. */
  readonly killsPerMinute: number;
  /** Plans a second. */
  readonly rate: number;
  readonly subscribers: number;
  /** Ends the run early, with its calm end. */
  readonly stop: AbortSignal;
  /** Ends it at once; then this rejects with its reason. */
  readonly signal: AbortSignal;
  /** Default: SOAK_PLANS. */
  readonly plans?: readonly LoadPlan[];
  /** More arguments for `serve`. */
  readonly arguments?: readonly string[];
  readonly onSample?: (sample: Sample, memory: MemorySample | undefined) => void;
}

const MS_PER_MINUTE = 60_000;
const LOOK_EVERY_MS = 200;
/** Measurements of a run, and of the process that is not killed. */
const SAMPLES = 600;
const SAMPLE_EVERY_MS = { least: 250, most: 5_000 } as const;
const MEMORY_SAMPLES = 40;
const MEMORY_EVERY_MS = { least: 500, most: 60_000 } as const;

/** Rejects with what is no breach. */
export function soak(place: Place, options: SoakOptions): Promise<SoakRecord> {
  return new Soak(place, options).run();
}

class Soak {
  private readonly place: Place;
  private readonly options: SoakOptions;
  private readonly random: SeededRandom;
  private readonly watch: StoreWatch;
  private readonly deck: Deck;
  private readonly audience: Audience;
  private readonly tally: Tally;
  private readonly stretches: readonly Stretch[];
  private readonly deaths = new DeathList();
  private readonly samples: Sample[] = [];
  private readonly memory: MemorySample[] = [];
  private readonly broken: string[] = [];
  private readonly beganAt = systemClock.now();
  private calm = { fromMs: 0, toMs: 0 };
  private stretch: StretchName = "kills";
  private program: Program | undefined;

  constructor(place: Place, options: SoakOptions) {
    const { seed, rate, plans = SOAK_PLANS, subscribers, durationMs, killsPerMinute } = options;
    this.stretches = stretchesOf(durationMs, killsPerMinute);
    this.place = place;
    this.options = options;
    this.random = new SeededRandom(seed);
    this.deck = new Deck({ random: this.random, clock: systemClock, plans, rate });
    this.watch = new StoreWatch(place, { random: this.random, pace: this.deck.pace });
    const { law, people } = this.watch;
    this.tally = new Tally(this.beganAt, (plan) => law.stories.get(plan)?.name === PROBE);
    const newest = (): string | undefined => people.clients.starts.findLast(({ told }) => told !== undefined)?.told;
    const address = () => {
      const url = urlOf(this.program);
      return url === undefined ? undefined : { url, store: place.store };
    };
    this.audience = new Audience({ seed, count: subscribers, address, newest });
  }

  async run(): Promise<SoakRecord> {
    const ended = new AbortController();
    const living = this.liveThrough();
    const sampling = this.sample(ended.signal);
    try {
      await living;
      await this.end();
    } catch (error) {
      if (!(error instanceof Breach)) throw error;
      this.broken.push(error.message);
    } finally {
      ended.abort();
      this.program?.kill("SIGKILL");
      await Promise.all([sampling, this.audience.leave()]);
    }
    return this.record();
  }

  private async liveThrough(): Promise<void> {
    for (const stretch of this.stretches) {
      this.stretch = stretch.name;
      while (this.now() < stretch.toMs && !this.options.stop.aborted) await this.liveOnce(stretch);
    }
  }

  /** One process, from its start to its death. */
  private async liveOnce(stretch: Stretch): Promise<void> {
    const isCalm = stretch.name === "calm";
    const program = this.start(isCalm);
    const life = this.watch.attend(program, { mood: "mixed", ...this.attendance(program) });
    const over = new AbortController();
    const weighing = isCalm ? this.weigh(program, stretch, over.signal) : Promise.resolve();
    const untilMs = isCalm ? stretch.toMs : Math.min(stretch.toMs, this.now() + this.lifeMs());
    try {
      await this.untilMs(untilMs, { program, life });
    } finally {
      over.abort();
      await weighing;
    }
    if (program.hasEnded) await throwEnded(program);
    const moment = drawMoment(this.random, LOADS.all.moments);
    await killAt(moment, program, this.place);
    this.deaths.add({ atMs: this.now(), moment: moment.name, program });
    await life.over;
    if (life.failure !== undefined) throw life.failure as Error;
  }

  private start(isInspected: boolean): Program {
    const { arguments: more = [] } = this.options;
    const through = ([node = "", ...rest]: readonly string[]): readonly string[] => [node, INSPECTED, ...rest];
    const program = this.place.start(["serve", "--json", ...more], isInspected ? { through } : {});
    this.program = program;
    return program;
  }

  private attendance(program: Program) {
    return { connect: () => connected(program), onFact: (fact: RecordedFact) => this.tally.take(fact) };
  }

  private async untilMs(untilMs: number, { program, life }: { program: Program; life: Life }): Promise<void> {
    const { stop, signal } = this.options;
    while (this.now() < untilMs && !stop.aborted && !program.hasEnded) {
      signal.throwIfAborted();
      const failure = life.failure ?? this.audience.failure;
      if (failure !== undefined) throw failure as Error;
      await program.until(() => false, Math.min(LOOK_EVERY_MS, untilMs - this.now()));
    }
  }

  /** Asks the process that is not killed for its memory, again and again. */
  private async weigh(program: Program, { toMs, fromMs }: Stretch, signal: AbortSignal): Promise<void> {
    await program.until(() => urlOf(program) !== undefined, COMES_UP_WITHIN_MS);
    const url = inspectorIn(program.complaints);
    if (url === undefined) return;
    this.calm = { fromMs: this.now(), toMs: this.now() };
    using inspector = new Inspector(url);
    const everyMs = within((toMs - fromMs) / MEMORY_SAMPLES, MEMORY_EVERY_MS);
    while (!signal.aborted) {
      const memory = await inspector.memory();
      if (memory === undefined) return;
      this.memory.push({ atMs: this.now(), plans: this.tally.plans, ...memory });
      this.calm = { ...this.calm, toMs: this.now() };
      await sleep(systemClock, everyMs, signal).catch(() => undefined);
    }
  }

  private async sample(signal: AbortSignal): Promise<void> {
    const everyMs = within(this.options.durationMs / SAMPLES, SAMPLE_EVERY_MS);
    while (!signal.aborted) {
      this.takeSample();
      await sleep(systemClock, everyMs, signal).catch(() => undefined);
    }
  }

  private takeSample(): void {
    const { program, stretch, tally } = this;
    const vitals = program === undefined || program.hasEnded ? undefined : vitalsOf(program.pid);
    const disk = diskBytesOf(this.place.store);
    const sample = { atMs: this.now(), stretch, vitals, disk, plans: tally.plans, steps: tally.steps };
    this.samples.push(sample);
    this.options.onSample?.(sample, this.memory.at(-1));
  }

  private async end(): Promise<void> {
    const { audience, options, watch } = this;
    this.stretch = "end";
    await watch.endCalmly({
      signal: options.signal,
      arguments: options.arguments,
      onStart: (program) => (this.program = program),
      onFact: (fact) => this.tally.take(fact),
      settled: () => audience.hearAll(watch.law.log.length - 1, options.signal),
    });
    audience.check(watch.law.log);
    // The end may be shorter than the time between two samples.
    this.takeSample();
  }

  private record(): SoakRecord {
    const { law, witness, ledger } = this.watch;
    const { facts, steps } = this.tally;
    const effects = ledger.entries.filter(({ what }) => what === "done").length;
    return {
      samples: this.samples,
      memory: this.memory,
      latencies: this.tally.latencies,
      deaths: this.deaths.told(law.log),
      subscribers: this.audience.figures,
      calm: this.calm,
      held: this.deck.held,
      totals: { plans: law.stories.size, facts, steps, answers: witness.answers.length, effects },
      broken: this.broken,
    };
  }

  /** Exponential: at any moment a kill is as likely as at another. */
  private lifeMs(): number {
    return (-Math.log(1 - this.random.next()) * MS_PER_MINUTE) / this.options.killsPerMinute;
  }

  private now(): number {
    return systemClock.now() - this.beganAt;
  }
}

/** The door that the process has told of; undefined before it has, and when it is gone. */
function urlOf(program: Program | undefined): string | undefined {
  if (program?.firstLine === undefined || program.hasEnded) return undefined;
  const { url } = JSON.parse(program.firstLine) as { readonly url?: string };
  return url;
}

async function connected(program: Program): Promise<RemoteClient> {
  const url = urlOf(program);
  if (url === undefined) throw new Fault("nobody-serves", "the process has not told of its door yet");
  return connectPlanwright({ url });
}

async function throwEnded({ ended }: Program): Promise<never> {
  const { code, signal, stderr } = await ended;
  throw new Breach("program", `serve ended by itself with ${code ?? signal}: ${stderr.slice(-2_000)}`);
}

function within(ms: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.min(most, Math.max(least, ms));
}
