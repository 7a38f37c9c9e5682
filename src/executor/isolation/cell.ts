import type { Clock, Timer } from "#src/ports/clock.ts";
import type { MemoryLimits } from "./limits.ts";
import { readReport, type CellCommand, type CellReport } from "./messages.ts";

// A thread or a process in which the tools of one module run, one attempt at a time.
//
// C1. What it says is handed to the attempt that runs in it and to nobody else: what an earlier attempt left behind and
//     still speaks is dropped by the attempt's number.
// C2. It ends exactly once, and always: killed, told to, or by itself; whoever runs in it then is told how.
// C3. Whatever it sends that is no message ends it.

/** How a cell ended. */
export type CellEnd =
  | { readonly kind: "exited"; readonly code: number; readonly printed: string }
  | { readonly kind: "signalled"; readonly signal: string; readonly printed: string }
  | { readonly kind: "out-of-memory"; readonly memory?: MemoryLimits }
  /** It sent what no cell says, or more than a message may be. */
  | { readonly kind: "garbled" }
  /** It never began. */
  | { readonly kind: "unstarted"; readonly error: Error }
  | { readonly kind: "killed" };

/** The way to a cell, and out of it. */
export interface Transport {
  /** False for a message over the limit, of which nothing is sent. */
  post(command: CellCommand): boolean;
  /** Ends it whatever it does. */
  kill(): void;
}

export interface TransportEvents {
  readonly report: (value: unknown) => void;
  /** Nothing of it is left. */
  readonly ended: (end: CellEnd) => void;
}

export interface Inmate {
  readonly report: (report: CellReport) => void;
  readonly ended: (end: CellEnd) => void;
}

/** A cell that was told to end and does not is killed after this. */
const END_GRACE_MS = 1_000;

export class Cell {
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  isEnded = false;
  /** Attempts that it has run. */
  runs = 0;
  private readonly transport: Transport;
  private readonly clock: Clock;
  private inmate: Inmate | undefined;
  private isKilled = false;
  private isGarbled = false;
  private grace: Timer | undefined;

  constructor(start: (events: TransportEvents) => Transport, clock: Clock) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.clock = clock;
    const ended = (end: CellEnd): void => {
      this.isEnded = true;
      this.grace?.[Symbol.dispose]();
      this.inmate?.ended(this.endOf(end));
      resolve(undefined);
    };
    this.transport = this.begin(start, { report: (value) => this.hear(value), ended });
  }

  /** Gives the attempt's number. */
  enter(inmate: Inmate): number {
    this.inmate = inmate;
    this.runs += 1;
    return this.runs;
  }

  leave(): void {
    this.inmate = undefined;
  }

  /** False for a message over the limit, of which nothing is sent. */
  post(command: CellCommand): boolean {
    return this.isEnded || this.transport.post(command);
  }

  kill(): void {
    if (this.isEnded) return;
    this.isKilled = true;
    this.transport.kill();
  }

  /** Lets it end by itself. */
  end(): void {
    if (this.isEnded) return;
    this.transport.post({ kind: "end" });
    this.grace ??= this.clock.after(END_GRACE_MS, () => this.kill(), { background: true });
  }

  private begin(start: (events: TransportEvents) => Transport, events: TransportEvents): Transport {
    try {
      return start(events);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      // Not before somebody is in it to be told.
      this.clock.soon(() => events.ended({ kind: "unstarted", error }));
      return { post: () => true, kill: () => undefined };
    }
  }

  private hear(value: unknown): void {
    if (this.isKilled || this.isGarbled) return;
    const report = readReport(value);
    if (report === undefined) {
      this.isGarbled = true;
      this.transport.kill();
    } else if (report.kind === "crashed" || report.run === this.runs) this.inmate?.report(report);
  }

  private endOf(end: CellEnd): CellEnd {
    if (this.isKilled) return { kind: "killed" };
    return this.isGarbled ? { kind: "garbled" } : end;
  }
}
