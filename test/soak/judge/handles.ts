import type { MemorySample } from "../measured/record.ts";
import type { Vitals } from "../measured/vitals.ts";
import { growthOf, medianOf, type Point } from "./trend.ts";
import { during, judgedOf, type Judgement, type Judged, type Verdict } from "./verdict.ts";

// Whether a process that goes on holds no more open than before. Connections and tools come and go, so that single values are as
// high as the load is; a handle that is lost now and then is a slope.

/** Growth over the time that is judged. */
const MAX_GROWTH = 4;

/** Of what Node counts, what is open or waits; work that is just under way comes and goes with each turn. */
const TRANSIENT: ReadonlySet<string> = new Set(["Immediate", "FSReqCallback", "FSReqPromise", "CloseReq"]);

export const judgeHandles: Judgement = (record, least) => {
  const judged = judgedOf(record, least);
  const samples = during(record.samples, judged);
  const over = (read: (vitals: Vitals) => number): Point[] =>
    samples.flatMap(({ atMs, vitals }) => (vitals === undefined ? [] : [{ x: atMs, y: read(vitals) }]));
  const kept = during(record.memory, judged).map((sample) => ({ x: sample.atMs, y: openOf(sample) }));
  return [
    flat(
      "open files and sockets",
      over(({ descriptors }) => descriptors),
      judged,
    ),
    flat(
      "threads",
      over(({ threads }) => threads),
      judged,
    ),
    flat("timers, pipes and connections", kept, judged),
  ];
};

function openOf({ resources }: MemorySample): number {
  const counts = Object.entries(resources).map(([kind, count]) => (TRANSIENT.has(kind) ? 0 : count));
  return counts.reduce((sum, count) => sum + count, 0);
}

function flat(what: string, points: readonly Point[], { isLongEnough }: Judged): Verdict {
  const growth = growthOf(points);
  return {
    claim: `${what} are flat`,
    holds: isLongEnough && points.length > 0 ? growth <= MAX_GROWTH : undefined,
    found: `${growth.toFixed(1)} more, of ${medianOf(points.map(({ y }) => y))}`,
    bound: `${MAX_GROWTH} more`,
  };
}
