import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";

// What goes to a client has a size that a model can take: whatever a tool of a plan gave, and however much of it.
//
// B1. A value of a plan (an output, a payload) is given whole or replaced by its beginning, with a note of where all of it is.
//     Schemas allow any JSON there, so a result that was cut fits its schema as well.
// B2. A long text is cut with a note of how much is missing.

export interface Bounds {
  /** Characters of JSON that the result has, about. */
  readonly chars: number;
  /** Where what was cut can be read. */
  readonly rest: string;
}

/** Characters of JSON that a tool's result has, about: some ten thousand tokens. */
export const MAX_RESULT_CHARS = 40_000;
/** Characters of JSON that a resource has, about. */
export const MAX_RESOURCE_CHARS = 4_000_000;

const MAX_TEXT_CHARS = 4_000;
const BEGINNING_CHARS = 1_000;

/** Members that hold values of plans, which may be anything. */
const VALUES: ReadonlySet<string> = new Set(["response", "outputs", "show", "data", "definition", "value"]);

export function bounded(result: JsonObject, bounds: Bounds): JsonObject {
  const left = { chars: bounds.chars };
  return Object.fromEntries(Object.entries(result).map(([name, part]) => [name, member(name, part, { bounds, left })]));
}

/** How many of the first items have room together; at least one, so that a reader gets on. */
export function fitting(items: readonly unknown[], chars: number): number {
  let used = 0;
  const over = items.findIndex((item) => (used += JSON.stringify(item).length) > chars);
  return over < 0 ? items.length : Math.max(1, over);
}

export function cutText(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}… (${text.length - maxChars} more characters)`;
}

interface Around {
  readonly bounds: Bounds;
  /** What may still be spent on values. */
  readonly left: { chars: number };
}

function member(name: string, part: Json, around: Around): Json {
  return VALUES.has(name) ? value(part, around) : walked(part, around);
}

function walked(part: Json, around: Around): Json {
  if (typeof part === "string") return cutText(part, MAX_TEXT_CHARS);
  if (isJsonList(part)) return part.map((one) => walked(one, around));
  if (!isJsonObject(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, member(name, inner, around)]));
}

function value(whole: Json, { bounds, left }: Around): Json {
  const text = JSON.stringify(whole);
  if (text.length <= left.chars) {
    left.chars -= text.length;
    return whole;
  }
  return { cut: true, characters: text.length, beginning: text.slice(0, BEGINNING_CHARS), rest: bounds.rest };
}
