import { classOf } from "#projections/change-class.ts";
import { forecast, type ClassHistory } from "#projections/reference-class.ts";
import type { Change, ThreePoints } from "#src/implementation/changes/change.ts";
import type { Remedy } from "#src/implementation/requirements/requirement.ts";
import { parseDuration } from "#src/language/duration.ts";
import type { Misfit } from "./misfit.ts";

// How long it takes to make a change, as three points (PERT: Malcolm, Roseboom, Clark and Fazar, "Application of a technique for research
// and development program evaluation", 1959): what finished changes like it took (projections/reference-class.ts), which moves what the
// remedy declares; where neither says anything, what its difficulty lets expect.

export interface DurationEstimate {
  readonly points: ThreePoints;
  readonly basis: "declared" | "assumed" | "learned";
  /** A sentence for people. */
  readonly text: string;
}

type Estimated = Pick<Change, "remedy" | "difficulty" | "files" | "actions">;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** By difficulty, from 1 on: making and checking it, without waiting for anybody. */
const HARDEST: ThreePoints = { optimisticMs: 45 * SECOND, likelyMs: 5 * MINUTE, pessimisticMs: 30 * MINUTE };
const ASSUMED: readonly ThreePoints[] = [
  { optimisticMs: 1 * SECOND, likelyMs: 5 * SECOND, pessimisticMs: 30 * SECOND },
  { optimisticMs: 3 * SECOND, likelyMs: 15 * SECOND, pessimisticMs: 90 * SECOND },
  { optimisticMs: 10 * SECOND, likelyMs: 45 * SECOND, pessimisticMs: 5 * MINUTE },
  { optimisticMs: 20 * SECOND, likelyMs: 2 * MINUTE, pessimisticMs: 12 * MINUTE },
  HARDEST,
];

/** Estimates of changes in the light of the same history: equal ones are worked out once. */
export class Durations {
  readonly #history: readonly ClassHistory[];
  readonly #known = new Map<string, DurationEstimate>();

  constructor(history: readonly ClassHistory[] = []) {
    this.#history = history;
  }

  of(change: Estimated, remedy: Remedy): DurationEstimate {
    const declared = declaredPoints(remedy);
    const own = classOf(change);
    const key = JSON.stringify([own, declared]);
    const known = this.#known.get(key) ?? this.#estimated(own, change.difficulty.level, declared);
    this.#known.set(key, known);
    return known;
  }

  #estimated(own: ReturnType<typeof classOf>, level: number, declared: ThreePoints | undefined): DurationEstimate {
    const { estimate, basis, text } = forecast(own, this.#history, declared);
    if (basis.length > 0) return { points: estimate, basis: "learned", text };
    if (declared !== undefined) return { points: declared, basis: "declared", text };
    return {
      points: ASSUMED[level - 1] ?? HARDEST,
      basis: "assumed",
      text: `assumed by its difficulty, ${level} of 5`,
    };
  }
}

/** What is wrong with the words of an estimate; undefined where nothing is. */
export function flawOfEstimate({ estimate }: Remedy): Misfit | undefined {
  if (estimate === undefined) return undefined;
  const points = pointsIn(estimate);
  if (points === undefined)
    return {
      code: "bad-estimate",
      reason: "its estimate is not three durations such as 30s, 2m, 1h",
    };
  const isGrowing = points.optimisticMs <= points.likelyMs && points.likelyMs <= points.pessimisticMs;
  return isGrowing
    ? undefined
    : {
        code: "estimate-unordered",
        reason: "its estimate does not grow: optimistic, likely, pessimistic",
      };
}

function declaredPoints({ estimate }: Remedy): ThreePoints | undefined {
  return estimate === undefined ? undefined : pointsIn(estimate);
}

function pointsIn(estimate: NonNullable<Remedy["estimate"]>): ThreePoints | undefined {
  const [optimisticMs, likelyMs, pessimisticMs] = [estimate.optimistic, estimate.likely, estimate.pessimistic].map(
    parseDuration,
  );
  if (optimisticMs === undefined || likelyMs === undefined || pessimisticMs === undefined) return undefined;
  return { optimisticMs, likelyMs, pessimisticMs };
}
