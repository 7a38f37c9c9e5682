import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { systemClock } from "#src/ports/system/clock.ts";
import { execute, planwrightCommand, type Ran } from "../e2e/command.ts";

// The program as a process that is going to be killed: what it has said so far, and when.
//
// P1. `--json` makes every line of stdout one message; a fact is printed after it is durable. Only the last lines are kept: a process
//     may live for hours.
// P2. Times are measured from just before the process was started.
// P3. How long it has waited for a core is what Linux counts for its main thread: on a busy machine that is not its own doing.

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the command is started through, e.g. a tracer. */
  readonly through?: ((command: readonly string[]) => readonly string[]) | undefined;
  /** Told of each line of stdout. */
  readonly onLine?: (line: string) => void;
}

const FACT = '"kind":"fact"';
const ROLLBACK = '"type":"PlanRollbackStarted"';
const KEPT_CHARACTERS = 64 * 1024;

export class Program {
  /** The command, without its options. */
  readonly command: string;
  readonly startedAt = Date.now();
  /** Resolves with how it ended. */
  readonly ended: Promise<Ran>;
  pid = 0;
  /** Facts that it has printed. */
  facts = 0;
  /** Of them those that a plan is taken back. */
  rollbacks = 0;
  hasEnded = false;
  /** What it has said on stderr so far. */
  complaints = "";
  /** Its first line on stdout. */
  firstLine: string | undefined;
  /** Milliseconds from the start to its first line on stdout; undefined until then. */
  firstLineMs: number | undefined;
  /** Milliseconds that it had waited for a core when it printed its first fact. */
  queuedMs = 0;
  private readonly from = performance.now();
  private readonly watchers = new Set<() => void>();
  private kill_: (signal: NodeJS.Signals) => void = () => undefined;
  /** The beginning of a line whose end has not come. */
  private begun = "";
  private readonly onLine: ProgramOptions["onLine"];

  constructor({ args, cwd, env, onLine, through = (command) => command }: ProgramOptions) {
    this.command = args[0] ?? "";
    this.onLine = onLine;
    this.ended = execute(through(planwrightCommand(...args)), {
      cwd,
      env,
      onStart: (child) => {
        this.pid = child.pid;
        this.kill_ = (signal) => child.kill(signal);
      },
      keepsStdout: KEPT_CHARACTERS,
      onStdoutPart: (part) => this.take(part),
      onStderr: (text) => {
        this.complaints = text;
        this.wake();
      },
    }).finally(() => {
      this.hasEnded = true;
      this.wake();
    });
  }

  /** To the process and all that it started. */
  kill(signal: NodeJS.Signals): void {
    this.kill_(signal);
  }

  /** Resolves when the condition holds, when the process has ended, or after so long; says whether the condition holds. */
  until(condition: () => boolean, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition() || this.hasEnded) settle();
      };
      const settle = (): void => {
        timer[Symbol.dispose]();
        this.watchers.delete(look);
        resolve(condition());
      };
      const timer = systemClock.after(withinMs, settle);
      this.watchers.add(look);
      look();
    });
  }

  private take(part: string): void {
    this.firstLineMs ??= performance.now() - this.from;
    const text = this.begun + part;
    const end = text.lastIndexOf("\n") + 1;
    this.begun = text.slice(end);
    if (end === 0) return;
    this.firstLine ??= text.slice(0, text.indexOf("\n"));
    if (this.facts === 0) this.queuedMs = queuedMsOf(this.pid);
    const whole = text.slice(0, end);
    this.facts += whole.split(FACT).length - 1;
    this.rollbacks += whole.split(ROLLBACK).length - 1;
    if (this.onLine !== undefined) for (const line of whole.slice(0, -1).split("\n")) this.onLine(line);
    this.wake();
  }

  private wake(): void {
    for (const look of [...this.watchers]) look();
  }
}

const NS_PER_MS = 1e6;

/** The second number of schedstat (Linux, Documentation/scheduler/sched-stats.rst); 0 where there is none. */
function queuedMsOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / NS_PER_MS;
  } catch {
    return 0;
  }
}
