// Running another program without a shell: bounded in time and output, and gone when it is told to go.
//
// C1. The program leads a process group of its own; ending it means the whole group: SIGTERM, then SIGKILL after
//     KILL_GRACE_MS. A program that leaves its group on purpose gets away.
// C2. The promise settles after the program has ended, not before: a slot is not free while its process runs.
// C3. A background process that keeps our pipes open after the program ended is ended after DRAIN_MS.
// C4. stdout over the limit ends the program and is a failure, as half an output would be taken for a whole one; of
//     stderr, made for people, the tail is kept.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock } from "#src/ports/clock.ts";
import { textTail } from "../bounded-text.ts";
import { ToolFailure } from "../define.ts";

export const KILL_GRACE_MS = 2_000;
const DRAIN_MS = 1_000;
export const MAX_STDERR_BYTES = 64 * 1024;

const ALLOWED_ENVIRONMENT = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM"];

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string | undefined;
  readonly maxStdoutBytes: number;
  /** Gets stdout piece by piece, and none of it is kept. What it throws ends the program, and is the failure. */
  readonly heard?: ((piece: Buffer) => void) | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ProcessResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What of this process's environment a child may see. */
export function childEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = ALLOWED_ENVIRONMENT.map((name): [string, string | undefined] => [name, own[name]]);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * Rejects with the signal's reason when aborted, `process-timeout`, `stdout-too-large`, or the system's error when it
 * cannot be started (ENOENT, EACCES). Any exit code is a result.
 */
export async function runProcess(
  request: ProcessRequest,
  owner: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ProcessResult> {
  owner.signal.throwIfAborted();
  const child = spawn(request.command, request.args, {
    cwd: request.cwd,
    env: request.environment,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  using ending = new Ending(child, owner.clock);
  const stdout: Buffer[] = [];
  const heard = request.heard ?? ((piece: Buffer) => void stdout.push(piece));
  let bytes = 0;
  child.stdout.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > request.maxStdoutBytes) ending.because(tooLarge(request));
    if (ending.reason === undefined) ending.unless(() => heard(piece));
  });
  const stderr = collectTail(child.stderr);
  const onAbort = (): void => ending.because(owner.signal.reason);
  owner.signal.addEventListener("abort", onAbort, { once: true });
  if (request.timeoutMs !== undefined) ending.after(request.timeoutMs, tooSlow(request));
  // A program that does not read its input closes the pipe: not our failure.
  child.stdin.on("error", () => undefined);
  child.stdin.end(request.stdin ?? "");
  try {
    const [exitCode, signal] = await ending.closed;
    if (ending.reason !== undefined) throw ending.reason.error;
    return { exitCode, signal, stdout: Buffer.concat(stdout), stderr: stderr() };
  } finally {
    owner.signal.removeEventListener("abort", onAbort);
  }
}

/** The last part of a child's life: whoever asks first gives the reason. */
class Ending implements Disposable {
  reason: { readonly error: unknown } | undefined;
  readonly closed: Promise<[number | null, string | null]>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #timeout: Disposable | undefined;

  constructor(child: ChildProcess, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.closed = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve([code, signal]));
    });
    child.once("exit", () => this.#killAfter(DRAIN_MS));
  }

  after(delayMs: number, error: ToolFailure): void {
    this.#timeout = this.#clock.after(delayMs, () => this.because(error));
  }

  /** Does it; what it throws is the reason. */
  unless(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.because(error);
    }
  }

  because(error: unknown): void {
    if (this.reason !== undefined) return;
    this.reason = { error };
    this.#kill("SIGTERM");
    this.#killAfter(KILL_GRACE_MS);
  }

  #killAfter(delayMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.after(delayMs, () => {
      this.#kill("SIGKILL");
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    });
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group has ended by itself.
    }
  }

  [Symbol.dispose](): void {
    this.#timeout?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }
}

function tooSlow(request: ProcessRequest): ToolFailure {
  const message = `${request.command}: did not end within ${String(request.timeoutMs)} ms`;
  return new ToolFailure("timeout", message, { code: "process-timeout" });
}

function tooLarge(request: ProcessRequest): ToolFailure {
  const message = `${request.command}: stdout is over ${request.maxStdoutBytes} bytes`;
  return new ToolFailure("resource-exhausted", message, { code: "stdout-too-large" });
}

function collectTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0);
  let isCut = false;
  stream.on("data", (chunk: Buffer) => {
    const joined = Buffer.concat([tail, chunk]);
    isCut ||= joined.length > MAX_STDERR_BYTES;
    tail = joined.subarray(-MAX_STDERR_BYTES);
  });
  return () => (isCut ? textTail(` ${tail.toString()}`, MAX_STDERR_BYTES) : tail.toString());
}
