import type { Check } from "#src/implementation/checks/check.ts";
import type { Change } from "#src/implementation/changes/change.ts";
import type { RemedyBody } from "./remedy-body.ts";

// How hard a change is, from 1 (trivial) to 5 (hard), with what makes it so. Points are added up and no weight is learned: whoever reads the
// reasons can see how the level came about, and says it in the file of requirements where it is wrong.

type Difficulty = Change["difficulty"];

const MOST = 5;

export function difficultyOf(body: RemedyBody, acceptance: Check): Difficulty {
  const { remedy } = body;
  if (remedy.difficulty !== undefined) return remedy.difficulty;
  const points = RULES.flatMap((rule) => rule(body, acceptance) ?? []);
  const level = Math.min(MOST, 1 + Math.floor(points.reduce((sum, one) => sum + one.points, 0)));
  return {
    level,
    reasons: points.length === 0 ? ["little is changed"] : points.map(({ reason }) => reason),
  };
}

interface Point {
  readonly points: number;
  readonly reason: string;
}

type Rule = (body: RemedyBody, acceptance: Check) => Point | undefined;

const FEW_ACTIONS = 3;
const FEW_FILES = 2;
const MANY_FILES = 20;
const FEW_LINES = 50;
const MANY_LINES = 500;

const RULES: readonly Rule[] = [
  ({ actions: { length } }) => (length > FEW_ACTIONS ? { points: 0.5, reason: `${length} actions` } : undefined),
  ({ footprint, files }) => {
    const count = footprint.touches.size;
    if (files.some((pattern) => /(?<!\\)[*?[{]/.test(pattern))) {
      return {
        points: 1,
        reason: "how many files it touches is not known before",
      };
    }
    const size = Math.max(count, files.length);
    if (size <= FEW_FILES) return undefined;
    return { points: size > MANY_FILES ? 2 : 1, reason: `${size} files` };
  },
  ({ footprint: { lines } }) => {
    if (lines <= FEW_LINES) return undefined;
    return { points: lines > MANY_LINES ? 2 : 1, reason: `${lines} lines` };
  },
  ({ footprint: { commands } }) => {
    if (commands.length === 0) return undefined;
    return {
      points: 0.5,
      reason: commands.length === 1 ? "runs a command" : `runs ${commands.length} commands`,
    };
  },
  (_, { kind }) => {
    const isRun = kind === "command" || kind === "test" || kind === "http";
    return isRun
      ? {
          points: 0.5,
          reason: `is accepted by a check that runs something (${kind})`,
        }
      : undefined;
  },
  ({ remedy: { risk } }) => (risk === "high" ? { points: 1, reason: "high risk" } : undefined),
  ({ remedy: { irreversible } }) => (irreversible === true ? { points: 1, reason: "cannot be taken back" } : undefined),
  ({ origin }) => (origin === "model" ? { points: 1, reason: "proposed by a language model" } : undefined),
];
