import type { Json } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";

// Makes an input that fails smaller while it still fails: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
// failure-inducing input", 2002) on lists, texts and the members of objects, from the outside in, again and again until
// nothing can be left out.

export interface ShrinkOptions {
  /** Inputs that are tried at most. */
  readonly maxTries: number;
}

type Fails = (candidate: Json) => Promise<boolean>;

/** The smallest input found that still fails. `input` itself must. */
export async function shrink(input: Json, fails: Fails, { maxTries }: ShrinkOptions): Promise<Json> {
  let left = maxTries;
  const tried: Fails = async (candidate) => left-- > 0 && (await fails(candidate));
  let best = input;
  for (;;) {
    const before = JSON.stringify(best).length;
    best = await smaller(best, tried);
    if (left <= 0 || JSON.stringify(best).length >= before) return best;
  }
}

async function smaller(value: Json, fails: Fails): Promise<Json> {
  if (typeof value === "string") return smallerText(value, fails);
  if (isJsonList(value)) return smallerList(value, fails);
  return isJsonObject(value) ? smallerObject(value, fails) : value;
}

async function smallerText(text: string, fails: Fails): Promise<Json> {
  const lines = text.split(/(?<=\n)/);
  const fewer = (await without(lines, (part) => fails(part.join("")))).join("");
  if (fewer.length > MAX_CHARS_APART) return fewer;
  return (await without(Array.from(fewer), (part) => fails(part.join("")))).join("");
}

/** Longer texts are made shorter by their lines and halves alone. */
const MAX_CHARS_APART = 4_000;

async function smallerList(list: readonly Json[], fails: Fails): Promise<Json> {
  const kept = [...(await without(list, fails))];
  for (const [index, item] of kept.entries()) {
    kept[index] = await smaller(item, (candidate) => fails(kept.with(index, candidate)));
  }
  return kept;
}

async function smallerObject(value: { readonly [key: string]: Json }, fails: Fails): Promise<Json> {
  let entries = await without(Object.entries(value), (part) => fails(Object.fromEntries(part)));
  for (const [index, [name, member]] of entries.entries()) {
    const around = entries;
    const replaced = (candidate: Json) => around.with(index, [name, candidate]);
    const found = await smaller(member, (candidate) => fails(Object.fromEntries(replaced(candidate))));
    entries = replaced(found);
  }
  return Object.fromEntries(entries);
}

/** Leaves out halves, quarters, … of the parts, as long as the rest fails. */
async function without<T>(parts: readonly T[], fails: (rest: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let kept = parts;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (rest.length < kept.length && (await fails(rest))) kept = rest;
      else at += size;
    }
  }
  return kept;
}
