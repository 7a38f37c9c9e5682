// The command line as a user's shell sees it: a process with arguments, two streams and an exit code.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = path.join(ROOT, "src", "cli", "planwright.cjs");

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as another user of the machine. */
  readonly uid?: number;
  readonly onStart?: (child: Started) => void;
  /** Called with everything that stderr has said so far, whenever it says more. */
  readonly onStderr?: (text: string, child: Started) => void;
  /** The same of stdout. */
  readonly onStdout?: (text: string, child: Started) => void;
  /** Called with what is new on stdout, whenever there is something. */
  readonly onStdoutPart?: (part: string) => void;
  /** Characters of stdout that are kept, the last ones. Default: all. */
  readonly keepsStdout?: number;
}

interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
}

/** `planwright …` in a folder, from this checkout. */
export function planwright(args: readonly string[], options: RunOptions): Promise<Ran> {
  return execute(planwrightCommand(...args), options);
}

export function planwrightCommand(...args: readonly string[]): readonly string[] {
  return [process.execPath, BIN, ...args];
}

/** Groups of processes that have not ended, by where they run. */
const live = new Map<number, string>();

/** Kills what was started in a folder and has not ended, as after a test that failed. */
export function endAllIn(folder: string): void {
  for (const [pid, cwd] of live) if (cwd === folder || cwd.startsWith(folder + path.sep)) killGroup(pid, "SIGKILL");
}

/** Any program; it leads a process group of its own, so that a kill reaches all that it started. */
export function execute([program = "", ...args]: readonly string[], options: RunOptions): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, CI: "1", ...options.env },
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? 0;
  if (pid > 0) live.set(pid, path.resolve(options.cwd));
  const started: Started = { pid, kill: (signal) => killGroup(pid, signal) };
  options.onStart?.(started);
  let stdout = "";
  let stderr = "";
  const { keepsStdout = Infinity } = options;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (stdout.length > 2 * keepsStdout) stdout = stdout.slice(-keepsStdout);
    options.onStdoutPart?.(text);
    options.onStdout?.(stdout, started);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, started);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      live.delete(pid);
      reject(error);
    });
    child.on("close", (code, signal) => {
      live.delete(pid);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself a moment before.
  }
}
