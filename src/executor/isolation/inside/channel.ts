import { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { FrameReader, frameOf } from "../frames.ts";
import { CHANNEL_FD } from "../limits.ts";
import { MAX_MESSAGE_BYTES } from "../messages.ts";
import { Service, type Line } from "./serve.ts";

// A service at the end of a pipe. The watchdog has a thread of its own: it must work while a tool keeps this one.
// When the pipe breaks off, nobody is there any more to answer to.

/** Serves the executor that started this process; the first argument is the limit of its memory, in MiB. */
export function serveChannel(): void {
  startWatchdog(Number(process.argv[2]));
  const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  const service = new Service(lineOf(channel));
  const reader = new FrameReader(MAX_MESSAGE_BYTES);
  const lost = (): void => void service.lost();
  process.on("uncaughtException", (error) => service.crash(error));
  channel.on("data", (chunk: Buffer) => {
    for (const message of reader.read(chunk)) service.hear(message);
  });
  channel.once("end", lost);
  channel.once("error", lost);
}

function lineOf(channel: Socket): Line {
  return {
    report: (message) => {
      const frame = frameOf(message, MAX_MESSAGE_BYTES);
      if (frame === undefined) throw new RangeError(`a ${message.kind} of more than ${MAX_MESSAGE_BYTES} bytes`);
      channel.write(frame);
    },
    end: (callback) => void channel.end(callback),
    rssBytes: () => process.memoryUsage.rss(),
  };
}

function startWatchdog(rssMiB: number): void {
  const entry = fileURLToPath(import.meta.resolve("#src/executor/isolation/inside/watchdog.ts"));
  new Worker(entry, { workerData: rssMiB, execArgv: [] }).unref();
}
