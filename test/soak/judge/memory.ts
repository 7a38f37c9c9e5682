import { growthOf, medianOf, slopeOf } from "./trend.ts";
import { during, judgedOf, mib, type Judgement, type Verdict } from "./verdict.ts";

// Whether a process that goes on needs no more memory than before.
//
// M1. Live bytes on the heap are held against plans that have ended: what stays of each. It is not nothing, because what is kept
//     has limits in numbers that a run does not reach (where 10,000 streams end, what became of 10,000 plans, the last 10,000
//     attempts); a plan's state would be tens of thousands of bytes.
// M2. Resident memory is held against itself: it takes in what the heap does not show (SQLite, code, what the allocator keeps).

/** A bound between what those limits take and the state of the smallest plan. */
const MAX_BYTES_A_PLAN = 4_096;
/** Growth over the time that is judged. */
const MAX_RSS_GROWTH_SHARE = 0.1;

const BYTES_PER_KIB = 1_024;

export const judgeMemory: Judgement = (record, least) => [heap(record, least), resident(record, least)];

const heap = (...[record, least]: Parameters<Judgement>): Verdict => {
  const judged = judgedOf(record, least);
  const points = during(record.memory, judged).map(({ plans, liveBytes }) => ({ x: plans, y: liveBytes }));
  const plans = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  const bytes = slopeOf(points);
  return {
    claim: "nothing of plans that ended stays on the heap",
    holds: judged.isLongEnough && plans >= least.plans ? bytes <= MAX_BYTES_A_PLAN : undefined,
    found: `${kib(bytes)} a plan over ${plans} plans, of ${mib(medianOf(points.map(({ y }) => y)))}`,
    bound: `${kib(MAX_BYTES_A_PLAN)} a plan`,
  };
};

const resident = (...[record, least]: Parameters<Judgement>): Verdict => {
  const judged = judgedOf(record, least);
  const samples = during(record.samples, judged);
  const points = samples.flatMap(({ atMs, vitals }) => (vitals === undefined ? [] : [{ x: atMs, y: vitals.rssBytes }]));
  const level = medianOf(points.map(({ y }) => y));
  const growth = growthOf(points);
  const minutes = (judged.toMs - judged.fromMs) / MS_PER_MINUTE;
  return {
    claim: "resident memory is flat",
    holds: judged.isLongEnough && points.length > 0 ? growth <= level * MAX_RSS_GROWTH_SHARE : undefined,
    found: `${mib(growth)} in ${minutes.toFixed(1)} minutes, of ${mib(level)}`,
    bound: `${mib(level * MAX_RSS_GROWTH_SHARE)}, a tenth`,
  };
};

const MS_PER_MINUTE = 60_000;

function kib(bytes: number): string {
  return `${(bytes / BYTES_PER_KIB).toFixed(2)} KiB`;
}
