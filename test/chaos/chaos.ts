import { Fault } from "#events/fault.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { Breach } from "../crash/breach.ts";
import { Ledger } from "../crash/ledger.ts";
import type { Mood } from "../crash/load/clients.ts";
import { People } from "../crash/load/people.ts";
import { Witness } from "../crash/witness.ts";
import { Deck } from "../soak/deck.ts";
import { overHttp } from "../soak/subscribers/ways.ts";
import { auditOf } from "./audit.ts";
import { Door } from "./door.ts";
import { drawFaults, drawGap } from "./faults.ts";
import { Havoc, type Done } from "./havoc.ts";
import { Installation, type InstallationOptions } from "./installation.ts";
import { Listener } from "./listener.ts";
import { CHAOS_PLANS } from "./load.ts";
import { LogWatch } from "./log-watch.ts";
import type { Member } from "./member.ts";
import type { ChaosRecord, FaultRecord } from "./record.ts";
import { recoveryOf } from "./recovery.ts";
import { Told } from "./told.ts";

// One run: coordinators and executors under a constant load, of which a seed kills, stops and ends some; then everybody is left
// alone, every plan has to end, and everything that was recorded is held against everything that was seen.
//
// C1. What is judged is read from the log itself, from the tools' own ledger, and from what coordinators told; not from what a
//     coordinator answers.

export interface ChaosOptions extends Omit<InstallationOptions, "onFact"> {
  readonly seed: number;
  readonly durationMs: number;
  /** Plans a second. */
  readonly rate: number;
  /** Of the load alone, before anything is done to anybody. Default: WARM_UP_MS. */
  readonly warmUpMs?: number;
  /** Ends the run early, with its calm end. */
  readonly stop: AbortSignal;
  /** Ends it at once; then this rejects with its reason. */
  readonly signal: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Leaves the folders and the ledger where they are. */
  readonly keeps?: boolean;
}

const WARM_UP_MS = 11_000;
/** Looked at after the last fault, as after each. */
const LOOK_AFTER_MS = 9_000;
const LOOK_EVERY_MS = 40;
const PROGRESS_EVERY_MS = 10_000;
const ENDS_WITHIN_MS = 60_000;

/** Rejects with what is no breach. */
export async function chaos(options: ChaosOptions): Promise<ChaosRecord> {
  const told = new Told();
  await using opened = new AsyncDisposableStack();
  const installation = opened.use(await Installation.start({ ...options, onFact: (fact, by) => told.take(fact, by) }));
  const { onProgress, keeps = false } = options;
  installation.keeps = keeps;
  if (keeps) onProgress?.(`everything is in ${installation.path}`);
  const watch = opened.use(new LogWatch(installation.log, installation.path));
  const door = opened.use(await Door.open(installation.nats));
  const run = new Run({ options, installation, watch, door, told });
  opened.defer(() => run.leave());
  return await run.through();
}

interface RunParts {
  readonly options: ChaosOptions;
  readonly installation: Installation;
  readonly watch: LogWatch;
  readonly door: Door;
  readonly told: Told;
}

class Run {
  private readonly parts: RunParts;
  private readonly random: SeededRandom;
  private readonly havoc: Havoc;
  private readonly people: People;
  private readonly witness = new Witness({ hasGaps: true });
  private readonly ledger: Ledger;
  private readonly deck: Deck;
  private readonly listeners: readonly Listener[];
  private readonly done: Done[] = [];
  private readonly beganAt = systemClock.monotonic();
  private readonly over = new AbortController();
  private mood: Mood = "mixed";
  private asking: Promise<void> | undefined;
  private loadEndedAt = Infinity;

  constructor(parts: RunParts) {
    const { options, installation, watch, door } = parts;
    this.parts = parts;
    this.random = new SeededRandom(options.seed);
    this.havoc = new Havoc(installation);
    this.ledger = new Ledger(installation.ledger);
    const random = new SeededRandom(options.seed, 1);
    this.deck = new Deck({ random, clock: systemClock, plans: CHAOS_PLANS, rate: options.rate });
    const { witness, ledger } = this;
    this.people = new People({ random, witness, ledger, stories: watch.law.open, pace: this.deck.pace });
    // Of its own: how often a connection breaks is not the seed's doing.
    const ways = new SeededRandom(options.seed, 2);
    const anyUrl = (): string | undefined => readyUrl(installation.of("coordinator"), ways.next());
    this.listeners = [
      new Listener("facts over NATS", (after, signal) => door.client.events(behind(after), { signal })),
      new Listener("facts over HTTP", (after, signal) => overAnyHttp(anyUrl(), { after, signal })),
    ];
  }

  async through(): Promise<ChaosRecord> {
    const { options } = this.parts;
    this.asking = this.ask();
    const progress = this.tellProgress();
    try {
      await this.wait(Math.min(options.warmUpMs ?? WARM_UP_MS, options.durationMs));
      while (this.now() < options.durationMs - LOOK_AFTER_MS && !options.stop.aborted) {
        await this.harm();
        await this.wait(drawGap(this.random));
      }
      await this.wait(options.durationMs - this.now());
      this.loadEndedAt = systemClock.monotonic();
      const broken = await this.endCalmly();
      return await this.record(broken);
    } finally {
      this.over.abort();
      await progress;
    }
  }

  async leave(): Promise<void> {
    this.over.abort();
    await Promise.all([...this.listeners.map((listener) => listener.leave()), this.asking]);
  }

  private async harm(): Promise<void> {
    for (const fault of drawFaults(this.random)) {
      const done = await this.havoc.wreak(fault);
      if (done === undefined) continue;
      this.parts.told.mark(done, this.parts.watch.law.open);
      this.done.push(done);
      this.parts.options.onProgress?.(`${atText(this.now())} ${done.name}: ${done.kind}`);
    }
  }

  /** Everybody is there again; no plan is started, and all that were have to end. */
  private async endCalmly(): Promise<readonly string[]> {
    const broken: string[] = [];
    const trying = async (what: () => Promise<void>): Promise<void> => {
      await what().catch((error: unknown) => {
        if (!(error instanceof Breach)) throw error;
        broken.push(error.message);
      });
    };
    const { installation } = this.parts;
    await trying(() => this.havoc.settled());
    if (this.havoc.failure !== undefined) broken.push(messageOf(this.havoc.failure));
    this.mood = "calm";
    await trying(() => this.untilAllEnded());
    await trying(() => this.untilAllTold());
    this.over.abort();
    await this.leave();
    for (const member of installation.members) await trying(() => member.assertThere());
    for (const member of [...installation.of("executor"), ...installation.of("coordinator")])
      await trying(() => member.leave());
    if (this.people.failure !== undefined) broken.push(messageOf(this.people.failure));
    return broken;
  }

  private async untilAllEnded(): Promise<void> {
    const giveUpAt = systemClock.monotonic() + ENDS_WITHIN_MS;
    for (let open = this.open(); open.length > 0; open = this.open()) {
      if (systemClock.monotonic() > giveUpAt) throw new Breach("liveness", `does not end: ${open.join(", ")}`);
      await sleep(systemClock, LOOK_EVERY_MS, this.parts.options.signal);
    }
  }

  /** Until the watch and both subscribers have the head of a log that grows no more. */
  private async untilAllTold(): Promise<void> {
    const { watch, options } = this.parts;
    const giveUpAt = systemClock.monotonic() + ENDS_WITHIN_MS;
    const head = await watch.head();
    const isTold = (): boolean => [watch, ...this.listeners].every(({ last }) => last >= head);
    while (!isTold()) {
      if (systemClock.monotonic() > giveUpAt) {
        const late = this.listeners.filter(({ last }) => last < head).map(({ kind }) => kind);
        throw new Breach("subscription", `not all facts have come: ${late.join(", ")}`);
      }
      await sleep(systemClock, LOOK_EVERY_MS, options.signal);
    }
  }

  private open(): readonly string[] {
    const stories = [...this.parts.watch.law.open.values()];
    const live = stories.flatMap(({ isEnded, name, plan }) => (isEnded ? [] : [`${name} ${plan}`]));
    const wanted = stories.flatMap(({ name, status, plan }) =>
      name === "hopeless" && status === "failed" ? [`${name} ${plan} (failed)`] : [],
    );
    return [...live, ...wanted, ...this.people.clients.waiting().map((key) => `the start ${key}`)];
  }

  private async record(broken: readonly string[]): Promise<ChaosRecord> {
    const { watch, installation, told, options } = this.parts;
    const faults = this.faults();
    const audited = await auditOf({
      ...{ broken, faults, watch, installation, told, slots: options.slots },
      ...{ ledger: this.ledger, witness: this.witness, listeners: this.listeners, people: this.people },
    });
    return {
      claims: audited,
      faults,
      plans: watch.law.stories.size,
      facts: watch.law.log.length,
      steps: watch.successes.length,
      effects: this.ledger.entries.filter(({ what }) => what === "done").length,
      epochs: watch.epochs,
      held: this.deck.held,
      processes: installation.members.reduce((sum, { lives }) => sum + lives, 0),
      connections: this.listeners.map(({ kind, connections, ids }) => ({ kind, connections, facts: ids.length })),
    };
  }

  private faults(): readonly FaultRecord[] {
    const { watch, told } = this.parts;
    return this.done.map((done) => {
      const next = this.done.find(({ atMs }) => atMs > done.atMs + SAME_MOMENT_MS);
      const untilMs = next?.atMs ?? this.loadEndedAt;
      const recovery = recoveryOf(watch.successes, { atMs: done.atMs, untilMs });
      const { kind, name } = done;
      return { kind, name, atMs: done.atMs - this.beganAt, ...recovery, wentOnMs: told.wentOnMs(done) };
    });
  }

  private async ask(): Promise<void> {
    const { client } = this.parts.door;
    const { signal } = this.over;
    while (!signal.aborted) {
      this.people.look(client, { mood: this.mood, signal });
      await sleep(systemClock, LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    await this.people.rest();
  }

  private async tellProgress(): Promise<void> {
    const { watch, options } = this.parts;
    const { signal } = this.over;
    for (;;) {
      await sleep(systemClock, PROGRESS_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      const { law, successes } = watch;
      const recent = successes.filter((ms) => ms > systemClock.monotonic() - PROGRESS_EVERY_MS).length;
      const rate = ((recent * 1_000) / PROGRESS_EVERY_MS).toFixed(1);
      options.onProgress?.(
        `${atText(this.now())} ${law.stories.size} plans, ${law.log.length} facts, ${rate} steps/s, ${this.done.length} faults`,
      );
    }
  }

  private async wait(ms: number): Promise<void> {
    const { stop, signal } = this.parts.options;
    const either = AbortSignal.any([stop, signal]);
    await sleep(systemClock, Math.max(0, ms), either).catch(() => undefined);
    signal.throwIfAborted();
  }

  private now(): number {
    return systemClock.monotonic() - this.beganAt;
  }
}

/** Two that are done together are one moment. */
const SAME_MOMENT_MS = 2_000;

function behind(after: number): { readonly after?: number } {
  return after < 0 ? {} : { after };
}

function readyUrl(coordinators: readonly Member[], choice: number): string | undefined {
  const ready = coordinators.filter(({ isReady }) => isReady);
  return ready[Math.floor(choice * ready.length)]?.url;
}

async function* overAnyHttp(
  url: string | undefined,
  { after, signal }: { readonly after: number; readonly signal: AbortSignal },
) {
  if (url === undefined) throw new Fault("unreachable", "no coordinator is there");
  yield* overHttp({ url, store: "" }, { after }, signal);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error);
}

function atText(ms: number): string {
  return `${(ms / 1_000).toFixed(0).padStart(4)} s`;
}
