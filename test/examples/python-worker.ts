// The worker in Python as a process, ended by its id.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { vi } from "vitest";
import { execute, ROOT, type Ran } from "../e2e/command.ts";
import type { NatsServer } from "../nats/server.ts";

export const PYTHON_EXAMPLE = path.join(ROOT, "examples", "python");

/** Whether a Python is installed here that the worker runs on. */
export const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).status === 0;

const WITHIN_MS = 15_000;
const ENDS_WITHIN_MS = 3_000;

export interface PythonWorker extends AsyncDisposable {
  /** Resolves when its output has a line like this. */
  said(line: RegExp): Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ran>;
}

/** A worker in the folder, with variables besides where the server is. */
export function pythonWorker(
  { url }: Pick<NatsServer, "url">,
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): PythonWorker {
  let stdout = "";
  let kill: PythonWorker["kill"] = () => undefined;
  const ended = execute(["python3", path.join(PYTHON_EXAMPLE, "worker.py")], {
    cwd,
    env: { NATS_URL: url, PYTHONDONTWRITEBYTECODE: "1", ...variables },
    onStart: (child) => {
      kill = (signal) => child.kill(signal);
    },
    onStdout: (text) => {
      stdout = text;
    },
  });
  return {
    said: (line) => vi.waitUntil(() => line.test(stdout), { timeout: WITHIN_MS }),
    kill: (signal) => kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      kill("SIGTERM");
      const patience = setTimeout(() => kill("SIGKILL"), ENDS_WITHIN_MS);
      await ended;
      clearTimeout(patience);
    },
  };
}
