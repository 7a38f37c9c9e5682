import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { ErrorCategory } from "#events/errors.ts";
import { writtenDuration } from "#src/language/written-call.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { substitutesOf } from "#src/planning/fallbacks/capabilities.ts";
import { looser, smaller, type OtherArguments } from "#src/planning/fallbacks/other-arguments.ts";
import { argumentsOf } from "#src/planning/fallbacks/written-arguments.ts";
import { baseOf } from "#src/planning/replanning/renaming.ts";
import { callHash, type Situation, type StepOutcome } from "#src/planning/replanning/situation.ts";

// What could be done instead of a call that failed, by the category of its failure: the likeliest to help first.
//
// C1. After a denial there is nothing to do instead: whoever may not do it may not do it by other means.
// C2. In place of what has effects only what is known to have the same, and only where the first was refused before anything happened.

/** Steps of the plan that become others, by id, and why. */
export interface Course {
  readonly steps: Readonly<Record<string, JsonObject>>;
  /** What has not begun reads the one step instead of the other. */
  readonly readInstead?: { readonly id: string; readonly by: string };
  readonly explanation: string;
}

interface Failed {
  readonly id: string;
  readonly step: JsonObject;
  readonly entry: CatalogEntry;
  readonly error: NonNullable<StepOutcome["error"]>;
}

type Kind = "tool" | "fewer" | "wider" | "wait";

const BY_CATEGORY: Readonly<Record<ErrorCategory, readonly Kind[]>> = {
  ...{ validation: [], conflict: [], permission: [], authentication: [], cancelled: [] },
  ...{ "not-found": ["tool", "wider"], internal: ["tool"], bug: ["tool"], unknown: ["tool"] },
  ...{ unavailable: ["tool", "wait"], "rate-limited": ["tool", "wait"], quota: ["tool", "wait"] },
  ...{ timeout: ["fewer", "tool", "wait"], "resource-exhausted": ["fewer", "tool", "wait"] },
};

/** Of a tool with effects, what may be done. */
const WITH_EFFECTS: Readonly<Partial<Record<ErrorCategory, readonly Kind[]>>> = {
  ...{ "rate-limited": ["tool", "wait"], quota: ["tool", "wait"], unavailable: ["wait"], timeout: ["wait"] },
};

export function coursesAfter(failed: Failed, situation: Situation): readonly Course[] {
  const { entry, error } = failed;
  if (entry.sideEffects === "irreversible" || failed.step["irreversible"] === true) return [];
  const kinds = entry.sideEffects === "read" ? BY_CATEGORY[error.category] : (WITH_EFFECTS[error.category] ?? []);
  return kinds.flatMap((kind) => OF_KIND[kind](failed, situation));
}

const OF_KIND: Readonly<Record<Kind, (failed: Failed, situation: Situation) => readonly Course[]>> = {
  tool: otherTools,
  fewer: (failed, situation) => sameTool(failed, smaller(failed.entry, argumentsOf(failed.step)), situation),
  wider: (failed, situation) => sameTool(failed, looser(failed.entry, argumentsOf(failed.step)), situation),
  wait: waiting,
};

function otherTools({ id, step, entry }: Failed, situation: Situation): readonly Course[] {
  const { capabilities, forbidden = [] } = situation;
  return substitutesOf({ tool: entry.name, with: argumentsOf(step) }, capabilities, { forbidden }).flatMap((other) => {
    const lacking = other.without.length === 0 ? "" : `, without ${other.without.join(", ")}`;
    const explanation = `${other.tool} does the same from the same arguments${lacking}`;
    return course(id, calling(step, other.tool, other.with), { situation, explanation });
  });
}

function sameTool(
  { id, step, entry }: Failed,
  other: OtherArguments | undefined,
  situation: Situation,
): readonly Course[] {
  if (other === undefined) return [];
  const explanation = `${entry.name} is asked again, ${other.reason}`;
  return course(id, calling(step, entry.name, other.with), { situation, explanation });
}

/** None where the very call was made before. */
export function course(
  id: string,
  step: JsonObject,
  { situation, explanation }: { readonly situation: Situation; readonly explanation: string },
): readonly Course[] {
  if (situation.made.has(callHash(step, situation))) return [];
  return [{ steps: { [id]: withUntriedFallbacks(step, situation) }, explanation }];
}

/** The step with another call; what only belongs to its old tool is gone. */
export function calling(step: JsonObject, tool: string, given: JsonObject): JsonObject {
  if (step["tool"] === tool) return { ...step, with: given };
  const { timeout: _t, idempotent: _i, isolate: _s, undo: _u, irreversible: _r, unknown = "ask", ...kept } = step;
  return { ...kept, ...(typeof unknown === "string" ? { unknown } : {}), tool, with: given };
}

/** What failed as it stood there fails there again. */
function withUntriedFallbacks(step: JsonObject, situation: Situation): JsonObject {
  const { fallback, ...others } = step;
  if (!isJsonList(fallback)) return others;
  const made = new Set([...situation.made, callHash(step, situation)]);
  const left = fallback.filter((one) => !isCall(one) || !made.has(callHash(one, situation)));
  return left.length === 0 ? others : { ...others, fallback: left };
}

function isCall(fallback: Json): fallback is JsonObject {
  return isJsonObject(fallback) && "tool" in fallback;
}

const WAIT_MS = { least: 60_000, most: 15 * 60_000 } as const;
const DELAY_AFTER_WAIT_MS = 30_000;
const ATTEMPTS_AFTER_WAIT = 2;

/** The same call, later; once. */
function waiting({ id, step, error }: Failed, situation: Situation): readonly Course[] {
  const { steps, now, deadlineAt = Infinity } = situation;
  const pause = `${baseOf(id)}_wait`;
  const waitMs = Math.max(WAIT_MS.least, error.retryAfterMs ?? 0);
  if (Object.hasOwn(steps, pause) || waitMs > WAIT_MS.most || now + waitMs >= deadlineAt) return [];
  const { maxDelay: _, ...retry }: JsonObject = isJsonObject(step["retry"]) ? step["retry"] : {};
  const delay = writtenDuration(DELAY_AFTER_WAIT_MS);
  const again = { ...retry, attempts: ATTEMPTS_AFTER_WAIT, delay };
  const needs = isJsonList(step["needs"]) ? step["needs"] : [];
  const wait = writtenDuration(waitMs);
  const later = { ...step, retry: again, needs: [...needs, pause] };
  return [
    {
      steps: { [pause]: { wait }, [id]: withUntriedFallbacks(later, situation) },
      explanation: `the same again in ${wait}`,
    },
  ];
}
