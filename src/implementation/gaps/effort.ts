import { threePoints } from "#src/implementation/changes/change.ts";
import type { Remedy, Requirement } from "#src/implementation/requirements/requirement.ts";
import { parseDuration } from "#src/language/duration.ts";

// What closing a gap is expected to take, by what its file says. It orders gaps before anything is planned; what a plan takes is estimated
// there, with what was learned from changes of before.

/** What it is expected to take to close a gap, and where that comes from. */
export interface Effort {
  readonly hours: number;
  readonly reason: string;
}

const HOUR_MS = 3_600_000;

/** Hours by level of difficulty, where nobody has estimated. */
const HOURS_OF_LEVEL: Readonly<Record<number, number>> = { 1: 0.25, 2: 1, 3: 4, 4: 16, 5: 40 };
/** Of a gap that nobody has said anything about. */
const UNKNOWN_HOURS = 4;
/** Of a list of actions that is written already. */
const WRITTEN_HOURS = 0.25;

/** By the best remedy. Three points become their mean by PERT (Malcolm et al., 1959): (o + 4 l + p) / 6. */
export function effortOf({ remedies }: Requirement): Effort {
  const [remedy] = remedies;
  if (remedy === undefined) return { hours: UNKNOWN_HOURS, reason: "nobody has said how it is closed" };
  const estimated = hoursOf(remedy);
  if (estimated !== undefined) return { hours: estimated, reason: `about ${shown(estimated)} by ${remedy.name}` };
  const { difficulty, actions, name } = remedy;
  const byLevel = difficulty && HOURS_OF_LEVEL[difficulty.level];
  if (difficulty !== undefined && byLevel !== undefined)
    return { hours: byLevel, reason: `difficulty ${difficulty.level} of 5 by ${name}` };
  if (actions !== undefined) return { hours: WRITTEN_HOURS, reason: `${name} is written already` };
  return { hours: UNKNOWN_HOURS, reason: `${name} is not estimated` };
}

function hoursOf({ estimate }: Remedy): number | undefined {
  if (estimate === undefined) return undefined;
  const points = threePoints.safeParse({
    optimisticMs: parseDuration(estimate.optimistic),
    likelyMs: parseDuration(estimate.likely),
    pessimisticMs: parseDuration(estimate.pessimistic),
  });
  if (!points.success) return undefined;
  const { optimisticMs, likelyMs, pessimisticMs } = points.data;
  return (optimisticMs + 4 * likelyMs + pessimisticMs) / 6 / HOUR_MS;
}

function shown(hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} minutes`;
  return hours < 24 ? `${Number(hours.toFixed(1))} hours` : `${Number((hours / 24).toFixed(1))} days`;
}
