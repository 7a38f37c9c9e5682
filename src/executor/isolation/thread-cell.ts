import { Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import type { CellEnd, Transport, TransportEvents } from "./cell.ts";

// A cell that is a worker thread: endless code in it does not stop the loop and can be ended. Memory is not walled: a
// thread that runs out of it takes the whole process with it (measured; limits of a worker abort the process, too).

export function startThread(environment: Readonly<Record<string, string>>, events: TransportEvents): Transport {
  const entry = fileURLToPath(import.meta.resolve("#src/executor/isolation/inside/thread.ts"));
  const worker = new Worker(entry, {
    env: environment,
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
  });
  let end: CellEnd | undefined;
  worker.stdout.resume();
  worker.stderr.resume();
  worker.on("message", events.report);
  worker.on("messageerror", () => events.report(undefined));
  worker.on("error", (error) => (end = endOfError(error)));
  worker.on("exit", (code) => events.ended(end ?? { kind: "exited", code, printed: "" }));
  return {
    post: (command) => {
      worker.postMessage(command);
      return true;
    },
    kill: () => void worker.terminate(),
  };
}

function endOfError(error: unknown): CellEnd {
  if (!(error instanceof Error)) return { kind: "exited", code: 1, printed: String(error) };
  if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return { kind: "out-of-memory" };
  return { kind: "unstarted", error };
}
