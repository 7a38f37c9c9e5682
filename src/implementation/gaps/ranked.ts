// The order in which gaps are closed: what is worth most for what it takes comes first, and nothing before what it needs.
//
// R1. Worth is the weight times the risk of leaving it, and half of what waits for it, directly or not; it is divided by the root of the
//     effort, as twice the work is not half as urgent (after "weighted shortest job first": Reinertsen, 2009).
// R2. Only what is unmet is a gap. What is broken is no gap: nobody knows; who needs it waits for it nevertheless.
// R3. The same answers have the same order, to the last place: ties are broken by the order of the file.

import type { Risk } from "#src/implementation/changes/change.ts";
import type { Requirement } from "#src/implementation/requirements/requirement.ts";
import { effortOf } from "./effort.ts";
import type { Answer, Gap } from "./gap.ts";

const RISK_FACTOR: Readonly<Record<Risk, number>> = { low: 1, medium: 1.5, high: 2 };
const SHARE_OF_WAITING = 0.5;
/** Even what takes no time costs a look. */
const LEAST_HOURS = 0.25;
const MAX_NAMED = 5;

export function rankedGaps(requirements: readonly Requirement[], answers: readonly Answer[]): readonly Gap[] {
  const answerOf = new Map(answers.map((one) => [one.requirement, one]));
  const unmet = new Map(
    requirements.filter(({ id }) => answerOf.get(id)?.verdict === "unmet").map((one) => [one.id, one]),
  );
  const waiting = waitingFor(requirements, unmet);
  const gaps = [...unmet.values()].flatMap((one): Gap[] => {
    const answer = answerOf.get(one.id);
    if (answer === undefined) return [];
    const unblocks = reached(one.id, waiting);
    const blockers = one.needs.filter((id) => answerOf.get(id)?.verdict !== "met");
    return [
      {
        requirement: one,
        answer,
        ...scored(one, unblocks, unmet),
        unblocks: [...unblocks],
        ...reasonsOf(one, { unblocks, blockers, answerOf }),
      },
    ];
  });
  return inOrder(gaps);
}

/** By requirement the unmet ones that need it, in the order of the file. */
function waitingFor(
  requirements: readonly Requirement[],
  unmet: ReadonlyMap<string, Requirement>,
): ReadonlyMap<string, readonly string[]> {
  const waiting = new Map<string, string[]>();
  for (const { id, needs } of requirements) {
    if (!unmet.has(id)) continue;
    for (const need of new Set(needs)) waiting.set(need, [...(waiting.get(need) ?? []), id]);
  }
  return waiting;
}

function reached(from: string, waiting: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of waiting.get(id) ?? []) {
      if (next === from || found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

/** R1. */
function scored(
  requirement: Requirement,
  unblocks: ReadonlySet<string>,
  unmet: ReadonlyMap<string, Requirement>,
): Pick<Gap, "score"> {
  const waiting = [...unblocks].reduce((sum, id) => sum + worthOf(unmet.get(id)), 0);
  const { hours } = effortOf(requirement);
  const score = (worthOf(requirement) + SHARE_OF_WAITING * waiting) / Math.sqrt(Math.max(hours, LEAST_HOURS));
  return { score: Number(score.toFixed(4)) };
}

function worthOf(requirement: Requirement | undefined): number {
  return requirement === undefined ? 0 : requirement.weight * RISK_FACTOR[requirement.risk];
}

interface Around {
  readonly unblocks: ReadonlySet<string>;
  /** What it needs and is not met. */
  readonly blockers: readonly string[];
  readonly answerOf: ReadonlyMap<string, Answer>;
}

function reasonsOf(requirement: Requirement, { unblocks, blockers, answerOf }: Around): Pick<Gap, "reasons"> {
  const { weight, risk } = requirement;
  const broken = blockers.filter((id) => answerOf.get(id)?.verdict === "broken");
  return {
    reasons: [
      `weight ${weight}`,
      `leaving it is a ${risk} risk`,
      effortOf(requirement).reason,
      ...(unblocks.size === 0 ? [] : [`unblocks ${named([...unblocks])}`]),
      ...(blockers.length === 0 ? [] : [`waits for ${named(blockers)}`]),
      ...(broken.length === 0 ? [] : [`the check of ${named(broken)} is broken`]),
    ],
  };
}

function named(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_NAMED).join(", ");
  return ids.length > MAX_NAMED ? `${shown} and ${ids.length - MAX_NAMED} more` : shown;
}

/** The highest score first among those of which all needed gaps are listed. A circle, which no file has, is listed by score. */
function inOrder(gaps: readonly Gap[]): readonly Gap[] {
  const byScore = gaps.toSorted((a, b) => b.score - a.score);
  const open = new Map(byScore.map((gap) => [gap.requirement.id, gap]));
  const listed: Gap[] = [];
  const list = (gap: Gap): void => {
    const { id, needs } = gap.requirement;
    if (!open.delete(id)) return;
    const before = needs.flatMap((need) => open.get(need) ?? []).sort((a, b) => b.score - a.score);
    for (const needed of before) list(needed);
    listed.push(gap);
  };
  for (const gap of byScore) list(gap);
  return listed;
}
