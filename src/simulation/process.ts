import type { Clock } from "#src/ports/clock.ts";

// A process of the simulated world, with what can become of one: it dies, it stands still for a while, and its clock is not
// everybody's.
//
// P1. Of a dead process nothing happens and no promise settles.
// P2. Of one that stands still nothing happens until it goes on; then all that came due meanwhile happens, each for itself.
// P3. One that is cut off goes on, and reaches nobody until there is a network again.

/** Sets a callback off later, in the world's time. */
type Schedule = (
  delayMs: number,
  callback: () => void,
  options: { readonly process: Process; readonly background?: boolean },
) => { [Symbol.dispose](): void };

/** In ms since the epoch, by the right time. */
interface Absence {
  readonly from: number;
  readonly to: number;
}

export class Process {
  alive = true;
  /** What people have set the machine's wall clock to, beside the right time, in ms. */
  wallErrorMs = 0;
  /** How fast its clock goes: 1.1 means that 1.1 s pass there in a second. Fixed, since timers are set by it. */
  readonly speed: number;
  readonly name: string;
  /** Whether it has ever stood still: what it then begins may be long out of date. */
  hasStood = false;
  /** Whether it was ever cut off: what it believes to have may be somebody else's. */
  wasCutOff = false;
  private readonly absences: Absence[] = [];
  private isStill = false;
  private network: PromiseWithResolvers<undefined> | undefined;
  private readonly due: (() => void)[] = [];

  constructor(name: string, speed = 1) {
    this.name = name;
    this.speed = speed;
  }

  /** Lets something of it happen: now, when it goes on, or never. */
  run(callback: () => void): void {
    if (!this.alive) return;
    if (this.isStill) this.due.push(callback);
    else callback();
  }

  get isStanding(): boolean {
    return this.isStill;
  }

  /** Whether it stood still or was cut off for so long, and came back after the moment, in ms since the epoch. */
  wasAway(forMs: number, after: number): boolean {
    return this.absences.some(({ from, to }) => to - from >= forMs && to > after);
  }

  noteAbsence(absence: Absence): void {
    this.absences.push(absence);
  }

  /** As a signal stops it. */
  stand(): void {
    this.isStill = true;
    this.hasStood = true;
  }

  goOn(schedule: Schedule): void {
    this.isStill = false;
    for (const callback of this.due.splice(0)) schedule(0, callback, { process: this });
  }

  get isCutOff(): boolean {
    return this.network !== undefined;
  }

  cutOff(): void {
    this.network ??= Promise.withResolvers();
    this.wasCutOff = true;
  }

  reconnect(): void {
    this.network?.resolve(undefined);
    this.network = undefined;
  }

  /** Resolves when it reaches others: at once, unless it is cut off. */
  async reaching(): Promise<void> {
    while (this.network !== undefined) await this.network.promise;
  }

  /** Its clock, over the world's: `elapsedMs` since the world began, at `startAt` by the right time. */
  clock(world: { readonly elapsedMs: () => number; readonly startAt: number }, schedule: Schedule): Clock {
    const passed = (): number => world.elapsedMs() * this.speed;
    return {
      now: () => world.startAt + Math.floor(passed()) + this.wallErrorMs,
      monotonic: passed,
      after: (delayMs, callback, options = {}) =>
        schedule(delayMs / this.speed, callback, { process: this, ...options }),
      soon: (callback) => void schedule(0, callback, { process: this }),
    };
  }
}

/** The promise as a process sees it: it settles only while the process runs. */
export function within<T>(process: Process, source: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    source.then(
      (value) => process.run(() => resolve(value)),
      (error: unknown) => process.run(() => reject(error instanceof Error ? error : new Error(String(error)))),
    );
  });
}
