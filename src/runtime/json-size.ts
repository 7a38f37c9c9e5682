import { isJsonObject, type Json } from "#events/json.ts";

/** Longest escape of one UTF-16 code unit in JSON text: `\u0000`. No code unit takes more bytes, escaped or not. */
const MAX_BYTES_PER_CHAR = 6;
const MAX_NUMBER_BYTES = 25;

/**
 * An upper bound of the UTF-8 bytes of a value's JSON text, without making the text: most payloads are far below every
 * limit, and making their text twice cost more than deciding about them.
 */
export function jsonBytesAtMost(value: Json): number {
  if (typeof value === "string") return value.length * MAX_BYTES_PER_CHAR + 2;
  if (typeof value !== "object" || value === null) return MAX_NUMBER_BYTES;
  let bytes = 2;
  if (!isJsonObject(value)) {
    for (const item of value) bytes += jsonBytesAtMost(item) + 1;
    return bytes;
  }
  for (const [key, item] of Object.entries(value)) bytes += key.length * MAX_BYTES_PER_CHAR + 4 + jsonBytesAtMost(item);
  return bytes;
}
