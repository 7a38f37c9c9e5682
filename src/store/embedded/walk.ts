import type { Clock } from "#src/ports/clock.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed } from "#src/store/embedded/faults.ts";
import type { Damage, VerifyOptions } from "#src/store/verify-report.ts";

// What the looks of a verification share: the damages found so far, the counts, and the turns given to others.
// A store can be damaged in more places than anybody reads about, so the list is bounded and says when it was cut.

/** Damages that a report holds. */
const MAX_DAMAGES = 1000;

/** One verification under way. */
export class Walk {
  readonly database: Database;
  readonly #clock: Clock;
  readonly #options: VerifyOptions;
  readonly damages: Damage[] = [];
  streams = 0;
  appends = 0;
  events = 0;
  total = 0;
  truncated = false;

  constructor(database: Database, clock: Clock, options: VerifyOptions) {
    this.database = database;
    this.#clock = clock;
    this.#options = options;
  }

  report(damage: Damage): void {
    if (this.damages.length < MAX_DAMAGES) this.damages.push(damage);
    else this.truncated = true;
  }

  /** Between two pieces: tells the progress, lets others run, and ends the walk when the signal says so. */
  async breathe(): Promise<void> {
    this.#options.onProgress?.({ checked: this.events, total: this.total });
    await new Promise<void>((resolve) => {
      this.#clock.soon(resolve);
    });
    this.#options.signal?.throwIfAborted();
    if (!this.database.isOpen) throw closed(this.database.file);
  }

  /** Runs one look (W2 of verify.ts). */
  async look(kind: Damage["kind"], what: string, walk: () => Promise<void> | void): Promise<void> {
    await this.breathe();
    try {
      await walk();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      this.report({ kind, message: `${what} cannot be read to the end: ${messageOf(error)}` });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
