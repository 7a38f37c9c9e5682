// What JSON can carry, and how deep: the kind of value that everything recorded is made of.
//
// J1. The schemas do not walk a value: what reaches a decoder was made by `JSON.parse`.

import { z } from "zod";

/** What JSON can carry; the only kind of value that facts, commands and templates hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Accepts any JSON value (J1). */
export const json = z.custom<Json>((value) => value !== undefined);
export const jsonObject = z.custom<JsonObject>(isJsonObject);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Levels of lists and objects within each other that anything recorded has at most: what reads and writes JSON recurses. */
export const MAX_JSON_DEPTH = 256;

/** Whether lists and objects stand within each other deeper than so many levels: it needs a stack of those levels at most. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (!isComposite(value)) return false;
  return new DepthLook().isDeeper(value, levels) ?? isDeeperByLevels(value, levels);
}

/** Parts that are looked at one by one. Where there are more, some may stand in many places, or contain themselves. */
const MAX_LOOKS = 100_000;

class DepthLook {
  #left = MAX_LOOKS;

  /** Undefined where there is too much to look at. */
  isDeeper(value: object, levels: number): boolean | undefined {
    if (levels <= 0) return true;
    if (this.#left-- <= 0) return undefined;
    for (const part of Object.values(value)) {
      if (!isComposite(part)) continue;
      const found = this.isDeeper(part, levels - 1);
      if (found !== false) return found;
    }
    return false;
  }
}

/** Level by level, each part of one once: where something contains itself this ends by the depth. */
function isDeeperByLevels(value: object, levels: number): boolean {
  let level: ReadonlySet<object> = new Set([value]);
  for (let depth = 1; level.size > 0; depth++) {
    if (depth > levels) return true;
    const below = new Set<object>();
    for (const part of level) for (const inner of Object.values(part)) if (isComposite(inner)) below.add(inner);
    level = below;
  }
  return false;
}

function isComposite(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `Array.isArray` makes any[] of a readonly list. */
export function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}
