import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ExecutorId } from "#events/ids.ts";
import type { Log } from "#src/ports/log.ts";
import type { NatsSettings } from "#src/nats/settings.ts";

// The executor's side of the thread that speaks for it (loop-watch.ts). Without the thread the executor is there all the same, for as
// long as its loop goes.

/** How long a loop may stand still and is believed to come back. */
export const LOOP_PATIENCE_MS = 30_000;

export interface PulseThreadOptions {
  readonly settings: NatsSettings;
  /** The executor's id is these two with a dot between them. */
  readonly name: string;
  readonly incarnation: string;
  readonly executor: ExecutorId;
  readonly patienceMs: number;
  readonly log: Log;
}

export class PulseThread implements AsyncDisposable {
  private readonly beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private readonly worker: Worker;

  constructor({ log, ...given }: PulseThreadOptions) {
    const entry = fileURLToPath(import.meta.resolve("#src/nats/pulse/thread.ts"));
    this.worker = new Worker(entry, { workerData: { ...given, beats: this.beats }, execArgv: [] });
    this.worker.unref();
    const text =
      "the thread that speaks for a loop that stands still has ended; a tool that computes for long looks lost";
    this.worker.on("error", (error) => log.warn(text, { error }));
  }

  /** The loop goes. */
  beat(): void {
    Atomics.add(this.beats, 0, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }
}
