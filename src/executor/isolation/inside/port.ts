import process from "node:process";
import { parentPort } from "node:worker_threads";
import { Service } from "./serve.ts";

// A service at the end of a worker's port.

/** Serves the executor that started this thread. */
export function servePort(): void {
  const port = parentPort;
  if (port === null) throw new TypeError("this is not a worker thread");
  const service = new Service({
    report: (message) => port.postMessage(message),
    end: (callback) => callback(),
    rssBytes: () => 0,
  });
  process.on("uncaughtException", (error) => service.crash(error));
  port.on("message", (message) => service.hear(message));
}
