import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

// A process of the tour, and what it says.
//
// P1. It leads a group of its own: Ctrl-C in the terminal reaches the tour alone, which then ends everything in order.
// P2. It is ended by its id: asked first, and killed when it does not go.

const GOES_WITHIN_MS = 10_000;
const KEPT_CHARS = 4_000;

export type ProgramOptions = Pick<SpawnOptions, "cwd" | "env">;

type Told = (line: string, from: "stdout" | "stderr") => void;

export class Program {
  readonly name: string;
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Fulfilled with how it ended: `exit code 0`, `SIGKILL`, or why it could not be started. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly listeners = new Set<Told>();
  private said = "";
  private hasEnded = false;

  constructor(name: string, [command = "", ...args]: readonly string[], options: ProgramOptions = {}) {
    this.name = name;
    this.child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.pid = this.child.pid;
    this.ended = this.watch();
    for (const from of ["stdout", "stderr"] as const) {
      const input = this.child[from];
      if (input === null) continue;
      createInterface({ input }).on("line", (line) => {
        for (const told of [...this.listeners]) told(line, from);
        if (from === "stderr") this.said = `${this.said}${line}\n`.slice(-KEPT_CHARS);
      });
    }
  }

  /** Each line of stdout from now on. */
  onLine(told: (line: string) => void): void {
    this.listeners.add((line, from) => {
      if (from === "stdout") told(line);
    });
  }

  /** What `pick` finds in a line, the first time that it finds something. Rejects when the program ends before. */
  async first<T>(pick: (line: string) => T | undefined, signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look: Told = (line) => {
      const found = pick(line);
      if (found !== undefined) resolve(found);
    };
    const stop = (): void => reject(signal.reason);
    this.listeners.add(look);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    void this.ended.then((how) => reject(this.endedBadly(how)));
    try {
      return await promise;
    } finally {
      this.listeners.delete(look);
      signal.removeEventListener("abort", stop);
    }
  }

  /** SIGKILL, as when a machine fails; resolves when it is gone. */
  async kill(): Promise<void> {
    this.send("SIGKILL");
    await this.ended;
  }

  /** Lets it end in order, and kills it when that takes too long. */
  async end(): Promise<void> {
    this.send("SIGTERM");
    const waiting = new AbortController();
    const late = setTimeout(GOES_WITHIN_MS, undefined, { signal: waiting.signal }).then(
      () => this.send("SIGKILL"),
      () => undefined,
    );
    await this.ended;
    waiting.abort();
    await late;
  }

  endedBadly(how: string): Error {
    return new Error(`${this.name} ended with ${how}${this.said === "" ? "" : `; it said:\n${this.said.trimEnd()}`}`);
  }

  private async watch(): Promise<string> {
    try {
      await once(this.child, "close");
      const { exitCode, signalCode } = this.child;
      return signalCode ?? `exit code ${exitCode ?? "unknown"}`;
    } catch (error) {
      return String(error);
    } finally {
      this.hasEnded = true;
    }
  }

  private send(signal: NodeJS.Signals): void {
    if (!this.hasEnded && this.pid !== undefined) this.child.kill(signal);
  }
}
