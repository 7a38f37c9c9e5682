import { readFileSync, readdirSync } from "node:fs";

// How much memory the processes of a peer hold, from /proc: the proportional set size of each (pages that several processes
// share count once over all of them), so that a server of many processes is not charged for its shared buffers many times.

const SAMPLE_EVERY_MS = 250;
const KIB_PER_MIB = 1024;

/** The most that these processes, with all that they started, held together at one of the samples. */
export class PeakMemory implements Disposable {
  readonly #roots: readonly number[];
  readonly #timer: NodeJS.Timeout;
  #peakKib = 0;

  constructor(roots: readonly number[]) {
    this.#roots = roots;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
    this.#sample();
  }

  /** Undefined where the system has no /proc. */
  get mib(): number | undefined {
    this.#sample();
    return this.#peakKib === 0 ? undefined : this.#peakKib / KIB_PER_MIB;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const held = familyOf(this.#roots).map(proportionalKib);
    this.#peakKib = Math.max(
      this.#peakKib,
      held.reduce((sum, kib) => sum + kib, 0),
    );
  }
}

/** These processes and all their descendants. */
export function familyOf(roots: readonly number[]): readonly number[] {
  const parents = parentsByProcess();
  const family = new Set(roots.filter((pid) => parents.has(pid)));
  for (let size = -1; size !== family.size;) {
    size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  return [...family];
}

function parentsByProcess(): ReadonlyMap<number, number> {
  const pids = entries("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid) => {
      // pid (name) state parent …; a name may hold spaces and brackets, so what counts begins after the last one.
      const stat = contents(`/proc/${pid}/stat`);
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      return parent === undefined ? [] : [[Number(pid), Number(parent)] as const];
    }),
  );
}

function proportionalKib(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(contents(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Processes end while they are looked at. */
function contents(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
