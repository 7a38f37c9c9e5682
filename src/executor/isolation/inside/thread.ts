import process from "node:process";
import { parentPort } from "node:worker_threads";
import { Service } from "./serve.ts";

// The worker thread of a cell.

const port = parentPort;
if (port !== null) {
  const service = new Service({
    report: (message) => port.postMessage(message),
    end: (callback) => callback(),
    rssBytes: () => 0,
  });
  process.on("uncaughtException", (error) => service.crash(error));
  port.on("message", (message) => service.hear(message));
}
