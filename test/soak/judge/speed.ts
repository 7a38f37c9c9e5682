import { LATE_MS } from "../../crash/report.ts";
import type { Sample, SoakRecord } from "../measured/record.ts";
import { medianOf, rankOf } from "./trend.ts";
import { during, judgedOf, type Judged, type Judgement, type Least, type Verdict } from "./verdict.ts";

// Whether it stays as fast as it was. The load is constant, so a process that gets slower shows in what it costs and in how long
// plans take before it shows in how much is done.
//
// F1. The time of the process that is not killed is held against itself, its last third against its first after warming up; the
//     stretches with kills are held against each other.

/** Steps a second. */
const LEAST_RATIO = 0.8;
/** Processor time a step. Neighbours on the machine make caches colder, and it dearer. */
const MAX_COST_RATIO = 1.5;
/** A plan's time. Neighbours make it wait. */
const MAX_LATENCY_RATIO = 1.5;
const LATENCY_GRAIN_MS = 50;
/** Share of processes that may go on later than LATE_MS: the disk is shared. */
const LATE_SHARE = 0.02;
const LEAST_KILLS = 4;
const MS_PER_S = 1_000;

export const judgeSpeed: Judgement = (record, least) => [
  throughput(record, least),
  cost(record, least),
  latency(record, least),
  goingOn(record),
  constant(record),
];

function throughput(record: SoakRecord, least: Least): Verdict {
  const killed = (["kills", "kills again"] as const).map((name) =>
    record.samples.filter(({ stretch }) => stretch === name),
  );
  const isKilled = killed.every((part) => part.length > 0);
  const judged = judgedOf(record, least);
  const parts = isKilled ? killed : thirdsOf(judged).map((part) => during(record.samples, part));
  const [first = NaN, last = NaN] = [parts[0], parts.at(-1)].map((part = []) => stepsASecond(part));
  return {
    claim: "as many steps a second as at the beginning",
    holds: judged.isLongEnough ? last >= first * LEAST_RATIO : undefined,
    found: `${last.toFixed(1)} after ${first.toFixed(1)}`,
    bound: `${LEAST_RATIO} times`,
  };
}

function cost(record: SoakRecord, least: Least): Verdict {
  const judged = judgedOf(record, least);
  const [first = NaN, , last = NaN] = thirdsOf(judged).map((part) => cpuAStep(during(record.samples, part)));
  return {
    claim: "a step costs no more processor time",
    holds: judged.isLongEnough ? last <= first * MAX_COST_RATIO : undefined,
    found: `${last.toFixed(2)} ms after ${first.toFixed(2)} ms`,
    bound: `${MAX_COST_RATIO} times`,
  };
}

function latency(record: SoakRecord, least: Least): Verdict {
  const judged = judgedOf(record, least);
  const [first = [], , last = []] = thirdsOf(judged).map((part) => during(record.latencies, part).map(({ ms }) => ms));
  const [before, after] = [medianOf(first), medianOf(last)];
  return {
    claim: "a plan takes no longer",
    holds: judged.isLongEnough && first.length > 0 ? after <= before * MAX_LATENCY_RATIO + LATENCY_GRAIN_MS : undefined,
    found: `p50 ${after} ms after ${before} ms, p99 ${rankOf(last, 0.99)} ms after ${rankOf(first, 0.99)} ms`,
    bound: `p50 ${MAX_LATENCY_RATIO} times and ${LATENCY_GRAIN_MS} ms`,
  };
}

function goingOn({ deaths }: SoakRecord): Verdict {
  const alone = deaths.flatMap(({ goingOnMs, queuedMs }) => (goingOnMs === undefined ? [] : [goingOnMs - queuedMs]));
  const late = alone.filter((ms) => ms > LATE_MS).length;
  const [p50, most] = [medianOf(alone), Math.max(0, ...alone)].map((ms) => ms.toFixed(0));
  return {
    claim: "after a kill it goes on at once",
    holds: alone.length < LEAST_KILLS ? undefined : late <= Math.ceil(alone.length * LATE_SHARE),
    found:
      alone.length === 0 ? "no kill" : `p50 ${p50} ms, max ${most} ms of ${alone.length}, without waiting for a core`,
    bound: `${LATE_MS} ms, but for ${LATE_SHARE * 100} in 100`,
  };
}

function constant({ held }: SoakRecord): Verdict {
  return {
    claim: "the load was constant",
    holds: held === 0,
    found: held === 0 ? "never held back" : `held back ${held} times, because too many plans were under way`,
    bound: "never held back",
  };
}

function thirdsOf({ fromMs, toMs, isLongEnough }: Judged): readonly Judged[] {
  const third = (toMs - fromMs) / 3;
  return [0, 1, 2].map((index) => ({
    fromMs: fromMs + index * third,
    toMs: fromMs + (index + 1) * third,
    isLongEnough,
  }));
}

function stepsASecond(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return NaN;
  return ((last.steps - first.steps) * MS_PER_S) / (last.atMs - first.atMs);
}

function cpuAStep(samples: readonly Sample[]): number {
  const alive = samples.filter(({ vitals }) => vitals !== undefined);
  const [first, last] = [alive[0], alive.at(-1)];
  if (first?.vitals === undefined || last?.vitals === undefined) return NaN;
  return (last.vitals.cpuMs - first.vitals.cpuMs) / (last.steps - first.steps);
}
