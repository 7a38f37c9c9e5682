import { z } from "zod";
import { isJsonList, json, type Json } from "#events/json.ts";

// A value that a fact carries: inline up to the limit, else a reference to a blob that was durable before the fact was
// appended. The reference is the SHA-256 of the blob's bytes (UTF-8 JSON text), so equal values share one blob and a
// changed blob is noticed.

/** JSON text longer than this many bytes (UTF-8) is kept as a blob. */
export const INLINE_LIMIT_BYTES = 32 * 1024;

/** A list with a longer JSON text than this, in bytes, is kept in runs where it is read entry by entry. */
export const LIST_RUN_BYTES = 256 * 1024;

export const blobRef = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"BlobRef">();
export type BlobRef = z.infer<typeof blobRef>;

const inlined = z.object({ inline: json });
const kept = z.object({ blob: blobRef, bytes: z.number() });

/** A run of entries of a list, or one entry that is a blob of its own. */
export const listPart = z.union([
  z.object({ items: z.union([inlined, kept]), count: z.int().min(0) }),
  z.object({ item: kept }),
]);
export type ListPart = z.infer<typeof listPart>;

/** `list` names the blob of a list's parts; `parts` are the same before they have become a blob. `count` counts entries. */
export const payload = z.union([
  inlined,
  kept,
  z.object({ list: blobRef, count: z.int().min(0), bytes: z.number() }),
  z.object({ parts: z.array(listPart), count: z.int().min(0) }),
]);
export type Payload = z.infer<typeof payload>;

export function inline(value: Json): Payload {
  return { inline: value };
}

/** What has to be loaded before `valueOf` knows the payload's value: blobs, and lists by `list:` and their blob. */
export function refsOf(source: Payload): readonly string[] {
  if ("inline" in source) return [];
  if ("blob" in source) return [source.blob];
  if ("list" in source) return [LIST_PREFIX + source.list];
  return source.parts.flatMap((part) => refsOf("item" in part ? part.item : part.items));
}

const LIST_PREFIX = "list:";

/** The blob of parts that a ref of `refsOf` names, or undefined for one that is a blob itself. */
export function listBlobOf(ref: string): string | undefined {
  return ref.startsWith(LIST_PREFIX) ? ref.slice(LIST_PREFIX.length) : undefined;
}

/** Values that are loaded, by the refs of `refsOf`. */
interface Loaded {
  get(ref: string): Json | undefined;
}

/** The value of a payload, given what is loaded so far; undefined while something of it is missing. */
export function valueOf(source: Payload, loaded: Loaded): Json | undefined {
  if ("inline" in source) return source.inline;
  if ("blob" in source) return loaded.get(source.blob);
  return "list" in source ? loaded.get(LIST_PREFIX + source.list) : joined(source.parts, loaded);
}

/** All parts as one payload: what is inline as a whole stays so. */
export function listOf(parts: readonly ListPart[]): Payload {
  const entries: Json[] = [];
  for (const part of parts) {
    if (!("items" in part) || !("inline" in part.items)) return { parts: [...parts], count: countOf(parts) };
    if (isJsonList(part.items.inline)) for (const entry of part.items.inline) entries.push(entry);
  }
  return inline(entries);
}

/** Entries of all parts together. */
export function countOf(parts: readonly ListPart[]): number {
  return parts.reduce((sum, part) => sum + ("items" in part ? part.count : 1), 0);
}

/** The entries of all parts in one list; undefined while a part is missing. */
function joined(parts: readonly ListPart[], loaded: Loaded): Json | undefined {
  const all: Json[] = [];
  for (const part of parts) {
    const value = valueOf("item" in part ? part.item : part.items, loaded);
    if (value === undefined) return undefined;
    if ("item" in part) all.push(value);
    else if (isJsonList(value)) for (const entry of value) all.push(entry);
  }
  return all;
}
