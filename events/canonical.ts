import { isJsonList, type Json } from "#events/json.ts";
import { sha256Hex } from "#events/sha256.ts";

// One text for equal values: keys sorted by code unit, no white space, numbers as ECMAScript prints them (the shape of
// RFC 8785). Hashes of definitions, arguments and outputs are hashes of this text.

/** Hex digits of SHA-256 that a content hash keeps: 128 bits tell contents apart by accident and stay short in every fact. */
const CONTENT_HASH_DIGITS = 32;

/** Hex hash of a JSON value, equal for values that differ in the order of keys only. */
export function contentHash(value: Json): string {
  return sha256Hex(canonicalJson(value)).slice(0, CONTENT_HASH_DIGITS);
}

export function canonicalJson(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = "";
  if (isJsonList(value)) {
    for (const item of value) text += `${text === "" ? "" : ","}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
