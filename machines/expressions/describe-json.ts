import { isJsonObject, type Json } from "#events/json.ts";

/** For messages: what kind of thing it is, never what it says. */
export function describeJson(value: Json): string {
  if (value === null) return "nothing (null)";
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return String(value);
  return isJsonObject(value) ? "a mapping" : "a list";
}
