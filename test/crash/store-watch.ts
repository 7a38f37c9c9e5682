import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import type { RemoteClient } from "#src/client/remote.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { planwright } from "../e2e/command.ts";
import { Breach } from "./breach.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger } from "./ledger.ts";
import { Life } from "./life.ts";
import { Repositories } from "./checkers/repositories.ts";
import { treesOfChanges } from "./checkers/repository.ts";
import type { Mood, Pace } from "./load/clients.ts";
import { isLeftAlone, People } from "./load/people.ts";
import type { LoadPlan } from "./load/plans.ts";
import { COMES_UP_WITHIN_MS } from "./moments.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";
import { recordedOf } from "./recorded.ts";
import { Witness } from "./witness.ts";

// One store across all the processes that hold it one after the other: what was seen of it, who asks things of it, and the
// checkers. Those who kill processes over it, often or over hours, share this.
//
// S1. The store is looked at where it lies, while no process is there; facts go on behind the last that was seen.
// S2. At the end one process is left alone, in which every plan must end; it closes without complaint, and `doctor` has none.

interface StoreWatchOptions {
  readonly random: SeededRandom;
  readonly pace?: Pace | undefined;
  readonly plans?: readonly LoadPlan[] | undefined;
}

interface Attendance {
  readonly mood: Mood;
  readonly connect?: () => Promise<RemoteClient>;
  /** After the checkers have taken it. */
  readonly onFact?: (fact: RecordedFact) => void;
}

interface CalmEnd extends Omit<Attendance, "mood"> {
  readonly signal: AbortSignal;
  /** When every plan has ended, before the process is told to close. */
  readonly settled?: () => Promise<void>;
  readonly onStart?: (program: Program) => void;
  /** More arguments for `serve`. */
  readonly arguments?: readonly string[] | undefined;
}

const ENDS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

export class StoreWatch {
  readonly witness: Witness;
  readonly ledger: Ledger;
  readonly law: Law;
  readonly people: People;
  readonly repositories: Repositories;
  private readonly place: Place;
  private readonly effects: Effects;
  private looked = 0;

  constructor(place: Place, { random, pace, plans }: StoreWatchOptions) {
    this.place = place;
    this.witness = new Witness({ hasGaps: place.where.local !== undefined });
    this.ledger = new Ledger(place.ledger);
    this.law = new Law(place.store);
    this.effects = new Effects(this.law, this.ledger);
    const { witness, ledger, law } = this;
    this.people = new People({ random, witness, ledger, stories: law.open, pace, plans });
    this.repositories = new Repositories(law, { root: place.root, trees: treesOfChanges(place.path) });
  }

  /** What others do while the process lives. */
  attend(program: Program, { mood, connect, onFact }: Attendance): Life {
    const { people, witness, law } = this;
    return new Life({
      ...{ program, people, mood, connect, where: this.place.where, after: witness.last },
      onFact: (fact) => {
        witness.see(fact);
        if (fact.position > (law.log.at(-1)?.position ?? -1)) law.follow(recordedOf(fact));
        onFact?.(fact);
      },
    });
  }

  /** Everything that is to hold while no process is there. Gives the facts that are new since the last look. */
  async look(life: Life, isThorough: boolean): Promise<readonly RecordedEvent[]> {
    if (life.failure !== undefined) throw asError(life.failure);
    const fresh = this.ledger.refresh();
    const log = await checkStore(this.place.where, this.witness, { isThorough });
    const before = this.looked;
    this.looked = log.length;
    for (const event of log.slice(this.law.log.length)) this.law.follow(event);
    this.effects.check(fresh);
    this.repositories.check();
    return log.slice(before);
  }

  async endCalmly(end: CalmEnd): Promise<void> {
    const program = this.place.start(["serve", "--json", ...(end.arguments ?? [])]);
    end.onStart?.(program);
    const life = this.attend(program, { ...end, mood: "calm" });
    try {
      // Before it serves it would not close, but just be ended.
      await program.until(() => program.firstLineMs !== undefined, COMES_UP_WITHIN_MS);
      await this.untilAllEnded(program, { life, signal: end.signal });
      await end.settled?.();
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
    this.repositories.checkEnd();
    const doctor = await planwright(["doctor", "--json", ...namedStore(this.place)], { cwd: this.place.path });
    if (doctor.code !== 0) throw new Breach("doctor", doctor.stdout + doctor.stderr);
  }

  private async untilAllEnded(
    program: Program,
    { life, signal }: { readonly life: Life; readonly signal: AbortSignal },
  ): Promise<void> {
    const giveUpAt = Date.now() + ENDS_WITHIN_MS;
    const open = (): string[] => [
      ...this.people.clients.waiting().map((key) => `the start ${key}`),
      ...[...this.law.open.values()].flatMap((story) => (isLeftAlone(story) ? [] : [`${story.name} ${story.plan}`])),
    ];
    while (open().length > 0 && life.failure === undefined && !program.hasEnded) {
      signal.throwIfAborted();
      if (Date.now() > giveUpAt) throw new Breach("liveness", `after the last kill does not end: ${open().join(", ")}`);
      await program.until(() => false, LOOK_EVERY_MS);
    }
  }
}

/** A server is named by the configuration in the place. */
function namedStore({ where: { local }, store }: Place): readonly string[] {
  return local === undefined ? ["--store", store] : [];
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}
