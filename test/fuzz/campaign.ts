import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Json } from "#events/json.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { FoundViolation, LaneOrder, LaneReport } from "./lane.ts";

// Cases over all targets, each target in a process of its own: one that hangs, dies or eats memory is a finding like others,
// and the case is known.
//
// F1. A case that does not come back within HANG_MS ends its process and is the violation.
// F2. A lane's heap is bounded: a case that needs more ends its process. What a lane holds after a collection may grow by
//     MAX_GROWTH_BYTES over the run.

export interface CampaignOrder {
  /** URL of the module that exports `targets`. */
  readonly table: string;
  readonly seed: number;
  /** How many cases of which target, beginning with number `first`. */
  readonly shares: ReadonlyMap<string, number>;
  readonly first?: number;
  readonly input?: Json;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  readonly hangMs?: number;
  readonly maxTries?: number;
}

export interface Progress {
  readonly target: string;
  readonly done: number;
  readonly of: number;
}

export interface LaneResult {
  readonly target: string;
  readonly cases: number;
  /** How often what came of a case. */
  readonly tally: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
  /** Of what the process held after a collection, from a tenth of the run on; the most that it held. */
  readonly growthBytes: number;
  readonly peakBytes: number;
  readonly found?: FoundViolation;
}

const HANG_MS = 30_000;
const START_WITHIN_MS = 120_000;
/** Measured: the most that any case needs is a third of it. */
const MAX_HEAP_MIB = 768;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
const LOOK_EVERY_MS = 250;
const MAX_TRIES = 600;
const LANE = fileURLToPath(new URL("lane.ts", import.meta.url));

/** Runs all lanes, as many at once as there are processors; their results in the order of the shares. */
export async function campaign(order: CampaignOrder): Promise<readonly LaneResult[]> {
  const results = new Map<string, LaneResult>();
  const waiting = [...order.shares];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [target, count] = next;
      if (order.signal?.aborted !== true) results.set(target, await runLane({ target, count }, order));
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), order.shares.size) }, work));
  return [...order.shares.keys()].flatMap((target) => results.get(target) ?? []);
}

interface Share {
  readonly target: string;
  readonly count: number;
}

async function runLane({ target, count }: Share, order: CampaignOrder): Promise<LaneResult> {
  const scratch = mkdtempSync(path.join(tmpdir(), "planwright-fuzz-lane-"));
  const first = order.first ?? 0;
  const position = path.join(scratch, "position");
  const { table, seed, input, maxTries = MAX_TRIES } = order;
  const laneOrder: LaneOrder = {
    table,
    target,
    seed,
    first,
    count,
    position,
    maxTries,
    ...(input === undefined ? {} : { input }),
  };
  const watch = new LaneWatch({ target, count }, order);
  const child = started(laneOrder, scratch);
  try {
    return await watch.until(child, () => pulseAt(position));
  } finally {
    child.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Whatever a case writes without saying where is in the lane's own scratch folder. */
function started(order: LaneOrder, scratch: string): ChildProcess {
  return fork(LANE, [JSON.stringify(order)], {
    cwd: scratch,
    execArgv: ["--expose-gc", `--max-old-space-size=${MAX_HEAP_MIB}`, "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, TMPDIR: scratch, NO_COLOR: "1", CI: "1" },
  });
}

/** What a lane is at: the number of a case, and how often it has begun anything. Empty before the first. */
function pulseAt(position: string): string {
  try {
    return readFileSync(position, "utf8").trim();
  } catch {
    return "";
  }
}

const STDERR_CHARS = 2_000;

/** One lane as it is seen from outside. */
class LaneWatch {
  private readonly share: Share;
  private readonly order: CampaignOrder;
  private readonly startedAt = systemClock.monotonic();
  private readonly tally = new Map<string, number>();
  private readonly result = Promise.withResolvers<LaneResult>();
  private done = 0;
  private firstRss: number | undefined;
  private lastRss = 0;
  private peak = 0;
  private stderr = "";
  private found: FoundViolation | undefined;
  private isOver = false;

  constructor(share: Share, order: CampaignOrder) {
    this.share = share;
    this.order = order;
  }

  async until(child: ChildProcess, pulse: () => string): Promise<LaneResult> {
    const onAbort = (): void => this.end();
    this.order.signal?.addEventListener("abort", onAbort, { once: true });
    child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (this.stderr = (this.stderr + text).slice(-STDERR_CHARS)));
    child.on("message", (report) => this.hear(report as LaneReport));
    child.on("error", (error) => this.result.reject(error));
    child.on("close", (code, signal) => this.died(pulse(), `${signal ?? `exit code ${code}`}: ${this.stderr.trim()}`));
    this.watch(pulse, { pulse: "", since: systemClock.monotonic() });
    try {
      return await this.result.promise;
    } finally {
      this.isOver = true;
      this.order.signal?.removeEventListener("abort", onAbort);
    }
  }

  private hear(report: LaneReport): void {
    if (report.kind === "violation") this.found = report.found;
    else if (report.kind === "done") this.end(this.found ?? this.leak());
    else {
      this.done = report.done;
      this.lastRss = report.rssBytes;
      this.peak = Math.max(this.peak, report.rssBytes);
      if (this.done >= this.share.count / 10) this.firstRss ??= report.rssBytes;
      for (const [outcome, count] of Object.entries(report.tally)) {
        this.tally.set(outcome, (this.tally.get(outcome) ?? 0) + count);
      }
      this.order.onProgress?.({ target: this.share.target, done: this.done, of: this.share.count });
    }
  }

  private leak(): FoundViolation | undefined {
    if (this.growth <= MAX_GROWTH_BYTES) return undefined;
    return this.whole(this.done - 1, `the process grew by ${mebibytes(this.growth)} MiB after collections`);
  }

  private get growth(): number {
    return Math.max(0, this.lastRss - (this.firstRss ?? this.lastRss));
  }

  private died(pulse: string, how: string): void {
    if (!this.isOver) this.end(this.found ?? this.whole(caseOf(pulse), `the process died of this case: ${how}`));
  }

  /** A lane that has not begun is given as long as it takes to load everything. */
  private watch(pulse: () => string, seen: { readonly pulse: string; readonly since: number }): void {
    systemClock.after(LOOK_EVERY_MS, () => {
      if (this.isOver) return;
      const [at, now] = [pulse(), systemClock.monotonic()];
      const boundMs = at === "" ? START_WITHIN_MS : (this.order.hangMs ?? HANG_MS);
      if (at !== seen.pulse) this.watch(pulse, { pulse: at, since: now });
      else if (now - seen.since < boundMs) this.watch(pulse, seen);
      else this.end(this.found ?? this.whole(caseOf(at), `it did not come back within ${boundMs} ms`));
    });
  }

  /** A finding whose input only the lane knew: it is drawn again from its number. */
  private whole(number: number, violation: string): FoundViolation {
    return { case: number, violation, input: null, smallest: null, isAlone: false };
  }

  private end(found?: FoundViolation): void {
    this.result.resolve({
      target: this.share.target,
      cases: found === undefined ? this.done : this.done + 1,
      tally: Object.fromEntries([...this.tally].sort(([, a], [, b]) => b - a)),
      elapsedMs: Math.round(systemClock.monotonic() - this.startedAt),
      growthBytes: this.growth,
      peakBytes: this.peak,
      ...(found === undefined ? {} : { found }),
    });
  }
}

function caseOf(pulse: string): number {
  return Number(pulse.split(" ")[0]);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
