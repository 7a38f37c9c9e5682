import { loadavg } from "node:os";
import { median } from "../metric.ts";
import { rawCommitsPerSecond, rawGroupedRecordsPerSecond } from "../raw-limits.ts";
import { MOST_IN_FLIGHT, type Loaded } from "./protocol.ts";
import { recover, type Recovery } from "./recovery.ts";
import { PeakMemory } from "./resident-memory.ts";
import type { Staffed, Workplace } from "./workplace.ts";

// One peer from an empty store to its last kill, in the order that is the same for all: opened once, so that what it takes
// when it is empty is known; warmed up; one workflow at a time; fifty at once; closed and weighed; killed.

export const RAW_RECORD_BYTES = 1024;
const WARM_UP_SHARE = 0.3;
const MIN_WARM_UP_S = 1;

export interface Stretch extends Loaded {
  readonly inFlight: number;
  /** What the disk gave in the same minute: synced appends a second, one by one for one workflow, in groups of 50 for many. */
  readonly rawPerS: number;
  readonly peakMib: number | undefined;
}

export interface Measured {
  readonly stretches: readonly Stretch[];
  readonly bytesPerStep: number;
  readonly recoveries: readonly Recovery[];
  /** Processes that waited for a core on this machine when the peer's turn began, on average over a minute. */
  readonly loadBefore: number;
}

export interface Extent {
  readonly seconds: number;
  readonly kills: number;
  readonly scratch: string;
  readonly tell: (progress: string) => void;
}

export async function measure(workplace: Workplace, extent: Extent): Promise<Measured> {
  const loadBefore = loadavg()[0] ?? NaN;
  await (await workplace.open()).close();
  const emptyBytes = workplace.keptBytes;
  const { stretches, steps } = await loads(workplace, extent);
  const bytesPerStep = (workplace.keptBytes - emptyBytes) / steps;
  const recoveries: Recovery[] = [];
  for (let kill = 1; kill <= extent.kills; kill++) {
    extent.tell(`killed, ${kill} of ${extent.kills}`);
    recoveries.push(await recover(workplace, kill));
  }
  return { stretches, bytesPerStep, recoveries, loadBefore };
}

async function loads(workplace: Workplace, extent: Extent): Promise<{ stretches: Stretch[]; steps: number }> {
  await using staffed = await workplace.open();
  extent.tell("warms up");
  const warmUpS = Math.max(MIN_WARM_UP_S, extent.seconds * WARM_UP_SHARE);
  const warm = [await staffed.worker.load(MOST_IN_FLIGHT, warmUpS), await staffed.worker.load(1, MIN_WARM_UP_S)];
  const alone = await stretch(staffed, 1, extent);
  const together = await stretch(staffed, MOST_IN_FLIGHT, extent);
  await staffed.close();
  const stretches = [alone, together];
  return { stretches, steps: [...warm, ...stretches].reduce((sum, { steps }) => sum + steps, 0) };
}

async function stretch({ worker, pids }: Staffed, inFlight: number, extent: Extent): Promise<Stretch> {
  extent.tell(`${inFlight} in flight`);
  const raw = inFlight === 1 ? rawCommitsPerSecond : rawGroupedRecordsPerSecond;
  const before = raw(extent.scratch, RAW_RECORD_BYTES);
  using memory = new PeakMemory(pids);
  const figures = await worker.load(inFlight, extent.seconds);
  const peakMib = memory.mib;
  const rawPerS = median([before, raw(extent.scratch, RAW_RECORD_BYTES)]);
  return { ...figures, inFlight, rawPerS, peakMib };
}
