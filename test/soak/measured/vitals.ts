import { readdirSync, readFileSync } from "node:fs";

// A process as the system sees it (Linux, proc(5)).

export interface Vitals {
  readonly rssBytes: number;
  /** Open file descriptors. */
  readonly descriptors: number;
  readonly threads: number;
  /** Processor time so far. */
  readonly cpuMs: number;
}

/** Whether this system tells. */
export const TELLS = process.platform === "linux";

const BYTES_PER_KIB = 1_024;
/** USER_HZ is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;
/** Fields 14 and 15, counted behind the name, which is field 2 and may hold spaces. */
const [UTIME, STIME] = [11, 12];

/** Undefined where the process is gone. */
export function vitalsOf(pid: number): Vitals | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      rssBytes: numberAt(status, "VmRSS") * BYTES_PER_KIB,
      threads: numberAt(status, "Threads"),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      cpuMs: (Number(fields[UTIME]) + Number(fields[STIME])) * MS_PER_TICK,
    };
  } catch {
    return undefined;
  }
}

function numberAt(status: string, name: string): number {
  const [, digits] = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status) ?? [];
  if (digits === undefined) throw new Error(`the system says nothing of ${name}`);
  return Number(digits);
}
