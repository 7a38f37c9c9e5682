import { isJsonList, isJsonObject, type Json } from "#events/json.ts";
import type { ThreePoints } from "#projections/pert.ts";
import { CHANGE_SIZES, type ChangeClass, type ChangeSize } from "#projections/reference-class.ts";

// The arguments of a step that makes a change, and what came of it, as views read them.
// They are facts of any release, so that nothing is taken for granted.

const MAX_NAME_CHARS = 100;
const SMALL = { files: 1, chars: 2_000, actions: 2 };
const MEDIUM = { files: 5, chars: 16_000, actions: 10 };
/** Files that a pattern counts as. */
const FILES_OF_PATTERN = 5;
const TEXTS = ["text", "replace", "patch"];

/** What a change is learned as. A merge says it too: what is too large for a fact is not there to be looked at. */
export type Classed = {
  readonly class: ChangeClass;
  readonly estimate: ThreePoints | null;
  /** That its actions write. */
  readonly lines: number;
};

/** Undefined where it is no change. */
export function classedChange(change: Json | undefined): (Classed & { readonly id: string }) | undefined {
  if (!isJsonObject(change) || typeof change["id"] !== "string") return undefined;
  return { id: change["id"], ...classedOf(change) };
}

/** Of a `Change`. */
export function classedOf(change: Parameters<typeof classOf>[0] & { readonly estimate?: unknown }): Classed {
  const lines = textsOf(change.actions).reduce((sum, text) => sum + text.split("\n").length, 0);
  return { class: classOf(change), estimate: estimateIn(change.estimate), lines };
}

/** What `classedOf` gave, from a fact. Undefined where it is none. */
export function classedIn(value: Json | undefined): Classed | undefined {
  if (!isJsonObject(value) || !isJsonObject(value["class"])) return undefined;
  const { remedy, level, size } = value["class"];
  const { lines, estimate } = value;
  const known = CHANGE_SIZES.find((one) => one === size);
  if (typeof remedy !== "string" || typeof level !== "number" || known === undefined || typeof lines !== "number")
    return undefined;
  return {
    class: { remedy: remedy.slice(0, MAX_NAME_CHARS), level, size: known },
    estimate: estimateIn(estimate),
    lines,
  };
}

/** The class of a `Change`. */
export function classOf(change: {
  readonly remedy?: unknown;
  readonly difficulty?: unknown;
  readonly files?: unknown;
  readonly actions?: unknown;
}): ChangeClass {
  const { remedy, difficulty, files, actions } = change;
  const level = isJsonObject(difficulty) ? difficulty["level"] : undefined;
  return {
    remedy: typeof remedy === "string" ? remedy.slice(0, MAX_NAME_CHARS) : "",
    level: typeof level === "number" && Number.isInteger(level) ? level : 0,
    size: sizeOf(files, actions),
  };
}

function sizeOf(files: unknown, actions: unknown): ChangeSize {
  if (!isJsonList(files) || !isJsonList(actions)) return "unknown";
  const chars = textsOf(actions).reduce((sum, text) => sum + text.length, 0);
  const touched = files.reduce<number>((sum, file) => sum + (isPattern(file) ? FILES_OF_PATTERN : 1), 0);
  const fits = (bound: typeof SMALL): boolean =>
    touched <= bound.files && chars <= bound.chars && actions.length <= bound.actions;
  if (fits(SMALL)) return "small";
  return fits(MEDIUM) ? "medium" : "large";
}

function textsOf(actions: unknown): readonly string[] {
  if (!isJsonList(actions)) return [];
  return actions.flatMap((action) =>
    isJsonObject(action) ? TEXTS.map((name) => action[name]).filter((text) => typeof text === "string") : [],
  );
}

function isPattern(file: Json): boolean {
  return typeof file === "string" && /[*?{[]/u.test(file);
}

function estimateIn(estimate: unknown): ThreePoints | null {
  if (!isJsonObject(estimate)) return null;
  const { optimisticMs, likelyMs, pessimisticMs } = estimate;
  if (typeof optimisticMs !== "number" || typeof likelyMs !== "number" || typeof pessimisticMs !== "number")
    return null;
  return { optimisticMs, likelyMs, pessimisticMs };
}
