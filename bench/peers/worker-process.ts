import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { lastLines } from "./last-lines.ts";
import { answer, type Answer, type Loaded, type Order, type Setting } from "./protocol.ts";

// The driver's end of a worker process: started with its setting, ordered about, ended in order or killed.
//
// P1. A worker that fails or ends where an answer is due ends the peer's measurement, with what it printed last.

export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #log: string;
  #fell: Error | undefined;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
    child.on("message", (message) => {
      const said = answer.parse(message);
      if (said.said === "failed") this.#fell = new Error(said.reason);
    });
  }

  /** Starts it and resolves once its engine is open. What it prints is appended to the log. */
  static async start(file: string, given: Setting, { log, signal }: WorkerPlace): Promise<WorkerProcess> {
    const output = openSync(log, "a");
    const env = { ...process.env, DO_NOT_TRACK: "1", LANGSMITH_TRACING: "false" };
    const options = { execArgv: [], stdio: ["ignore", output, output, "ipc"] as const, env };
    const child = fork(file, [JSON.stringify(given)], { ...options, stdio: [...options.stdio] });
    closeSync(output);
    const worker = new WorkerProcess(child, log);
    signal.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
    try {
      await worker.#hear(() => Promise.resolve());
    } catch (error) {
      await worker.kill();
      throw error;
    }
    return worker;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the worker has no process");
    return this.#child.pid;
  }

  async load(inFlight: number, seconds: number): Promise<Loaded> {
    const said = await this.#order({ do: "load", inFlight, seconds });
    if (said.said !== "loaded") throw new Error(`the worker answered ${said.said} to load`);
    return said.figures;
  }

  async begin(workflow: string): Promise<void> {
    await this.#order({ do: "begin", workflow });
  }

  async goOn(workflow: string): Promise<void> {
    await this.#order({ do: "go on", workflow });
  }

  /** Throws where the worker said that something failed, also where nobody asked. */
  check(): void {
    if (this.#fell !== undefined) throw this.#fell;
  }

  /** Ends it as a user ends a service: the engine is closed first. */
  async close(): Promise<void> {
    await this.#order({ do: "close" });
    await this.kill();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #order(asked: Order): Promise<Answer> {
    return this.#hear(async () => {
      this.#child.send(asked);
    });
  }

  /** P1 */
  async #hear(ask: () => Promise<void>): Promise<Answer> {
    const ended = new AbortController();
    const fallen = once(this.#child, "exit", { signal: ended.signal });
    const heard = once(this.#child, "message", { signal: ended.signal });
    try {
      await ask();
      const first = await Promise.race([heard, fallen.then(() => undefined)]);
      if (first === undefined) throw new Error(`the worker ended:\n${lastLines(this.#log)}`);
      const said = answer.parse(first[0]);
      if (said.said === "failed") throw new Error(said.reason);
      return said;
    } finally {
      ended.abort();
      await Promise.allSettled([fallen, heard]);
    }
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

interface WorkerPlace {
  readonly log: string;
  readonly signal: AbortSignal;
}
