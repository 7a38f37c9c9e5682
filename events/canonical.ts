import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { isJsonList, type Json } from "#events/json.ts";

// One text for equal values: keys sorted by code unit, no white space, numbers as ECMAScript prints them (the shape of
// RFC 8785). Hashes of definitions, arguments and outputs are hashes of this text.

/** Bytes of SHA-256 that a content hash keeps: 128 bits tell contents apart by accident and stay short in every fact. */
const CONTENT_HASH_BYTES = 16;

/** Hex hash of a JSON value, equal for values that differ in the order of keys only. */
export function contentHash(value: Json): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))).subarray(0, CONTENT_HASH_BYTES));
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
