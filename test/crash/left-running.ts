import { readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/** Kills every process that works in a folder, as what ends a container or a machine does. Linux only; elsewhere they go on. */
export function endAllWorkingIn(folder: string): void {
  for (const pid of pids()) {
    if (pid === process.pid || !isWithin(folder, workingDirectoryOf(pid))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself a moment before.
    }
  }
}

function pids(): readonly number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/u.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Of a folder that is gone the system says so behind its name. */
function workingDirectoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/u, "");
  } catch {
    return "";
  }
}

function isWithin(folder: string, place: string): boolean {
  return place === folder || place.startsWith(folder + path.sep);
}
