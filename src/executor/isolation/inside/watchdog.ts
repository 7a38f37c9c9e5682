import { writeSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import { workerData } from "node:worker_threads";
import { systemClock } from "#src/ports/system/clock.ts";
import { LEASH_FD, TOO_MUCH_MEMORY } from "../limits.ts";

// The watchdog of a child process, in a thread of its own. It ends the whole process group when the process holds more
// memory than it may, and when whoever started it is gone: a tool that loops sees neither.

const LOOK_EVERY_MS = 50;
/** Time for a tool to end what it started, when whoever asked for it is gone. */
const GONE_GRACE_MS = 3_000;
const BYTES_PER_MIB = 1024 * 1024;

const maxRssBytes = Number(workerData) * BYTES_PER_MIB;
const leash = new Socket({ fd: LEASH_FD, readable: true, writable: false });
leash.once("error", gone);
leash.once("end", gone);
leash.resume();
look();

function look(): void {
  if (process.memoryUsage.rss() > maxRssBytes) {
    writeSync(LEASH_FD, TOO_MUCH_MEMORY);
    endGroup();
  }
  systemClock.after(LOOK_EVERY_MS, look);
}

function gone(): void {
  systemClock.after(GONE_GRACE_MS, endGroup);
}

function endGroup(): void {
  process.kill(-process.pid, "SIGKILL");
}
