import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "../last-lines.ts";

// A server as a process of ours: found, started, awaited, ended by its own id. What it prints is appended to a log, whose end
// is what a failure tells.

const UP_WITHIN_MS = 60_000;
const POLL_MS = 50;
const DOWN_WITHIN_MS = 20_000;

/** The path of a program, from PATH and from folders where packages put it beside PATH. */
export function findProgram(name: string, beside: readonly string[] = []): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), ...beside];
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** Where what it prints is appended. */
  readonly log: string;
  readonly options?: SpawnOptions;
}

/** A process that runs until `stop`. */
export class Server {
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
  }

  static async launch({ program, args, log, options }: Launch): Promise<Server> {
    const file = openSync(log, "a");
    const child = spawn(program, args, { ...options, stdio: ["ignore", file, file] });
    closeSync(file);
    await once(child, "spawn");
    return new Server(child, log);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("a process that runs has an id");
    return this.#child.pid;
  }

  /** Resolves once `isUp` says so; a process that ends before or takes too long is ended, and that is thrown. */
  async until(isUp: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + UP_WITHIN_MS;
    try {
      while (!(await isUp())) {
        if (this.#hasEnded()) throw new Error(`the server ended while it started:\n${lastLines(this.#log)}`);
        if (performance.now() > deadline) throw new Error(`the server was not up within ${UP_WITHIN_MS / 1000} s`);
        await sleep(POLL_MS);
      }
    } catch (error) {
      await this.stop("SIGKILL");
      throw error;
    }
  }

  /** Asks it to end, and ends it where it does not. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), DOWN_WITHIN_MS);
    await ended;
    clearTimeout(patience);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Whether somebody takes connections there. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
