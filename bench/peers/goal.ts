import { median } from "../metric.ts";
import type { Outcome } from "./outcome.ts";
import { OURS } from "./peers.ts";

// The goal that a run is held against: in process at least eight times the best peer, one workflow in flight and fifty;
// after a kill under two seconds. Said of what was measured in the same run, met or not.

const TIMES_THE_BEST = 8;
const GOES_ON_WITHIN_MS = 2000;

export interface Verdict {
  readonly goal: string;
  readonly said: string;
  readonly isMet: boolean;
}

type MeasuredOutcome = Extract<Outcome, { kind: "measured" }>;

export function verdicts(outcomes: readonly Outcome[]): readonly Verdict[] {
  const measured = outcomes.filter((outcome) => outcome.kind === "measured");
  const ours = measured.filter(({ peer }) => OURS.has(peer.name) && peer.engine === "in process");
  return ours.flatMap((one) => verdictsOn(one, measured));
}

function verdictsOn(ours: MeasuredOutcome, all: readonly MeasuredOutcome[]): Verdict[] {
  const others = all.filter(({ peer }) => !OURS.has(peer.name));
  const speeds = ours.measured.stretches.flatMap(({ inFlight, stepsPerS }) => {
    const [best] = others
      .map((other) => ({ title: other.peer.title, speed: speedAt(other, inFlight) }))
      .sort((left, right) => right.speed - left.speed);
    if (best === undefined) return [];
    const times = stepsPerS / best.speed;
    const said = `${whole(stepsPerS)} against ${whole(best.speed)} steps/s of ${best.title}: ${times.toFixed(1)} ×`;
    const goal = `${ours.peer.title} ≥ ${TIMES_THE_BEST} × the best peer, ${inFlight} in flight`;
    return [{ goal, said, isMet: times >= TIMES_THE_BEST }];
  });
  return [...speeds, ...recoveryVerdict(ours)];
}

function recoveryVerdict({ peer, measured: { recoveries } }: MeasuredOutcome): Verdict[] {
  if (recoveries.length === 0) return [];
  const times = recoveries.map(({ goesOnMs }) => goesOnMs);
  const slowest = Math.max(...times);
  const said = `${whole(slowest)} ms at the slowest of ${times.length} kills, ${whole(median(times))} ms at the median`;
  const goal = `${peer.title} goes on within ${GOES_ON_WITHIN_MS / 1000} s of a kill`;
  return [{ goal, said, isMet: slowest < GOES_ON_WITHIN_MS }];
}

function speedAt({ measured }: MeasuredOutcome, inFlight: number): number {
  return measured.stretches.find((stretch) => stretch.inFlight === inFlight)?.stepsPerS ?? NaN;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
