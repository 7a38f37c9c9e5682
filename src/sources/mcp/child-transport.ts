import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { deserializeMessage, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "#src/ports/clock.ts";
import { textTail } from "#src/tools/bounded-text.ts";
import { ToolFailure } from "#src/tools/define.ts";

// MCP over the standard input and output of a program that is started for it: one JSON message a line.
//
// S1. The program leads a process group of its own, so that ending it ends what it started (`npx` starts a shell that starts node).
// S2. Told to end, its input is closed; after GRACE_MS its group gets SIGTERM, and as long after that SIGKILL. `close` resolves when it
//     is gone. When this process is killed, its input is closed by the system.
// S3. A line over MAX_MESSAGE_BYTES ends the program: nobody knows where the next one begins. A line that is no message is left out.
// S4. What it says on stderr is for people: the last of it goes into the message when it dies.

const MAX_MESSAGE_BYTES = 24 * 1024 * 1024;
const GRACE_MS = 2_000;
const DRAIN_MS = 1_000;
const MAX_STDERR_BYTES = 4 * 1024;

const LINE_END = 0x0a;

export interface ChildProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Why it is gone, as far as that is known. */
  reason: ToolFailure | undefined;
  private readonly program: ChildProgram;
  private readonly clock: Clock;
  private child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  private readonly gone = Promise.withResolvers<undefined>();
  private chunks: Buffer[] = [];
  private bytes = 0;
  private stderr = "";

  constructor(program: ChildProgram, clock: Clock) {
    this.program = program;
    this.clock = clock;
  }

  start(): Promise<void> {
    const { command, args, cwd, environment } = this.program;
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child = child;
    child.stdout.on("data", (chunk: Buffer) => this.read(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      this.stderr = textTail(this.stderr + chunk.toString(), MAX_STDERR_BYTES);
    });
    // It closes its input before it ends: seen again as its end.
    child.stdin.on("error", () => undefined);
    child.once("exit", () => this.sweep());
    child.once("close", (code, signal) => this.ended(code, signal));
    return new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        this.gone.resolve(undefined);
        reject(error);
      });
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const stdin = this.child?.stdin;
    if (stdin?.writable !== true) return Promise.reject(new Error("the program takes nothing more"));
    stdin.write(serializeMessage(message), (error) => (error instanceof Error ? reject(error) : resolve(undefined)));
    return promise;
  }

  /** S2. */
  async close(): Promise<void> {
    if (this.child?.pid === undefined) return;
    this.child.stdin.end();
    const terms = [
      this.clock.after(GRACE_MS, () => this.kill("SIGTERM")),
      this.clock.after(2 * GRACE_MS, () => this.kill("SIGKILL")),
    ];
    await this.gone.promise;
    for (const term of terms) term[Symbol.dispose]();
  }

  private read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      const line = Buffer.concat([...this.chunks, rest.subarray(0, end)]).toString();
      this.chunks = [];
      this.bytes = 0;
      rest = rest.subarray(end + 1);
      this.hear(line);
    }
    this.chunks.push(rest);
    this.bytes += rest.length;
    if (this.bytes > MAX_MESSAGE_BYTES) this.giveUp();
  }

  private hear(line: string): void {
    if (this.reason !== undefined || line.trim() === "") return;
    try {
      this.onmessage?.(deserializeMessage(line));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** S3. */
  private giveUp(): void {
    this.chunks = [];
    this.bytes = 0;
    const message = `the program sent a message of more than ${MAX_MESSAGE_BYTES} bytes`;
    this.reason ??= new ToolFailure("resource-exhausted", message, { code: "source-message-too-large" });
    this.kill("SIGKILL");
  }

  private ended(code: number | null, signal: string | null): void {
    const how = signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
    const said = this.stderr.trim() === "" ? "" : `; it said: ${this.stderr.trim()}`;
    this.reason ??= new ToolFailure("unavailable", `the program ended ${how}${said}`, { code: "source-unavailable" });
    this.gone.resolve(undefined);
    this.onclose?.();
  }

  /** It is gone; what it started goes too, and what has left its group keeps our pipes open no longer than this. */
  private sweep(): void {
    this.kill("SIGKILL");
    const drain = this.clock.after(DRAIN_MS, () => {
      this.child?.stdout.destroy();
      this.child?.stderr.destroy();
    });
    void this.gone.promise.then(() => drain[Symbol.dispose]());
  }

  /** S1. */
  private kill(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended by itself.
    }
  }
}
