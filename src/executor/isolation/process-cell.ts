import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Clock } from "#src/ports/clock.ts";
import { textTail } from "#src/tools/bounded-text.ts";
import type { CellEnd, Transport, TransportEvents } from "./cell.ts";
import { FrameReader, frameOf } from "./frames.ts";
import { CHANNEL_FD, LEASH_FD, TOO_MUCH_MEMORY, type MemoryLimits } from "./limits.ts";
import { MAX_MESSAGE_BYTES, type CellCommand } from "./messages.ts";

// A cell that is a child process: the wall against memory and endless synchronous code.
//
// P1. The child leads a process group of its own; ending it means the whole group. A program that leaves its group on
//     purpose gets away.
// P2. Messages travel on a pipe of their own (fd 3), so that what a tool prints disturbs nothing. Of what it prints
//     a tail is kept for whoever asks why it died.
// P3. A second pipe (fd 4) is a leash: when this process is gone, however it went, the child's watchdog sees the pipe's
//     end and ends the group. The watchdog has a thread of its own, so that it works while the tool loops.
// P4. The heap has a limit of the engine's own (V8 aborts), all memory together one that the watchdog looks after.

/** What holds the pipes of a child that has ended is ended after this. */
const DRAIN_MS = 1_000;
const PRINTED_TAIL_BYTES = 16 * 1024;

export interface ProcessOptions {
  readonly clock: Clock;
  /** All that the child sees of an environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: MemoryLimits;
}

export function startProcess(options: ProcessOptions, events: TransportEvents): Transport {
  const { heapMiB, rssMiB } = options.memory;
  const entry = fileURLToPath(import.meta.resolve("#src/executor/isolation/inside/process.ts"));
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, entry, String(rssMiB)], {
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
  });
  const kill = (): void => killGroup(child);
  const channel = child.pid === undefined ? undefined : child.stdio[CHANNEL_FD];
  if (!(channel instanceof Socket)) {
    child.once("error", (error) => events.ended({ kind: "unstarted", error }));
    return { kill, post: () => true };
  }
  listen(channel, { report: events.report, kill });
  void endOf(child, options).then(events.ended);
  return { kill, post: (command) => post(channel, command) };
}

function post(channel: Socket, command: CellCommand): boolean {
  const frame = frameOf(command, MAX_MESSAGE_BYTES);
  if (frame === undefined) return false;
  if (channel.writable) channel.write(frame);
  return true;
}

function listen(channel: Socket, { report, kill }: { report: (value: unknown) => void; kill: () => void }): void {
  const reader = new FrameReader(MAX_MESSAGE_BYTES);
  channel.on("data", (chunk: Buffer) => {
    try {
      for (const message of reader.read(chunk)) report(message);
    } catch {
      report(undefined);
      channel.destroy();
    }
  });
  // Whoever closed it can neither be asked nor answer any more; how it ended is told by the child's end.
  channel.on("end", kill);
  channel.on("error", kill);
}

/** Resolves when the child and all that it wrote are over. */
function endOf(child: ChildProcess, { clock, memory }: ProcessOptions): Promise<CellEnd> {
  const stdout = tailOf(child.stdout);
  const stderr = tailOf(child.stderr);
  const leash = tailOf(child.stdio[LEASH_FD]);
  const { promise, resolve } = Promise.withResolvers<CellEnd>();
  child.once("error", (error) => resolve({ kind: "unstarted", error }));
  child.once("exit", () => {
    killGroup(child);
    clock.after(DRAIN_MS, () => child.stdio.forEach((stream) => stream?.destroy()), { background: true });
  });
  child.once("close", (code, signal) => {
    const printed = stderr() || stdout();
    const isOutOfMemory = leash() === TOO_MUCH_MEMORY || HEAP_IS_FULL.test(stderr());
    if (isOutOfMemory) resolve({ kind: "out-of-memory", memory });
    else if (signal === null) resolve({ kind: "exited", code: code ?? 0, printed });
    else resolve({ kind: "signalled", signal, printed });
  });
  return promise;
}

/** How V8 says that it aborts. */
const HEAP_IS_FULL = /^FATAL ERROR: .*(?:out of memory|Allocation failed)/m;

function tailOf(stream: unknown): () => string {
  let tail = Buffer.alloc(0);
  if (stream instanceof Socket) {
    stream.on("data", (chunk: Buffer) => (tail = Buffer.concat([tail, chunk]).subarray(-PRINTED_TAIL_BYTES)));
    stream.on("error", () => undefined);
  }
  return () => textTail(tail.toString().trim(), PRINTED_TAIL_BYTES);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group has ended by itself, or this system has no groups.
    child.kill("SIGKILL");
  }
}
