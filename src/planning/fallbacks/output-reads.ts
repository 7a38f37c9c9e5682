import { isJsonList, isJsonObject, type Json } from "#events/json.ts";

// How a plan reads what a step gives: all of it, each of its members, a part of it. What cannot be told is a part: whoever
// wants to put something else in the step's place then does not.

export type OutputRead = "whole" | "members" | "inside" | "part";

/** Every reading of the step's output in the texts of the value. */
export function readsOf(value: Json, id: string): readonly OutputRead[] {
  if (typeof value === "string") return readsIn(value, id);
  if (isJsonList(value)) return value.flatMap((part) => readsOf(part, id));
  return isJsonObject(value) ? Object.values(value).flatMap((part) => readsOf(part, id)) : [];
}

/** Of a list, what a list without members has an answer for as well. */
const OF_MEMBERS = /^\s*\.\s*(?:map|filter|exists|exists_one|all|join|size)\s*\(/;
const OF_PART = /^\s*[.[]/;

function readsIn(text: string, id: string): readonly OutputRead[] {
  if (/\bsteps\s*\[/.test(text)) return ["part"];
  const pattern = new RegExp(`(size\\s*\\(\\s*)?\\bsteps\\s*\\.\\s*${id}\\s*\\.\\s*output\\b`, "g");
  return Array.from(text.matchAll(pattern), ({ 0: found, 1: size, index }): OutputRead => {
    const after = text.slice(index + found.length);
    if (OF_MEMBERS.test(after)) return "members";
    if (OF_PART.test(after)) return "part";
    if (size !== undefined) return "members";
    return text.trim() === `\${${found}}` || text.trim() === found ? "whole" : "inside";
  });
}
