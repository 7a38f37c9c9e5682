import { z } from "zod";
import { isJsonList, type Json } from "#events/json.ts";
import { listPart, refsOf, type ListPart, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";

// One entry of a list that may be too long for memory. A long list is kept in parts: runs of entries, each a blob of its
// own, and one more blob that names them in their order. Whoever goes over the list reads the run that it has come to.
//
// E1. Finding an entry costs O(log parts); the blob that names the parts is read once as long as it is in memory.

export type Entry =
  | { readonly kind: "value"; readonly value: Json }
  /** What has to be loaded first. */
  | { readonly kind: "missing"; readonly refs: readonly string[] };

/** The entry by its number, from 0; null beyond the end, and for what is no list. */
export function entryOf(list: Payload, index: number, blobs: Pick<Blobs, "get">): Entry {
  if ("inline" in list) return entryIn(list.inline, index);
  if ("parts" in list) return entryInParts(directoryOf(list.parts), index, blobs);
  const named = blobs.get("blob" in list ? list.blob : list.list);
  if (named === undefined) return { kind: "missing", refs: ["blob" in list ? list.blob : list.list] };
  return "blob" in list ? entryIn(named, index) : entryInParts(directoryOf(named), index, blobs);
}

function entryIn(list: Json, index: number): Entry {
  return { kind: "value", value: isJsonList(list) ? (list[index] ?? null) : null };
}

interface Directory {
  readonly parts: readonly ListPart[];
  /** Number of each part's first entry. */
  readonly starts: readonly number[];
}

/** Of the lists of parts that are in memory. */
const directories = new WeakMap<object, Directory>();
const parts = z.array(listPart);
const NOTHING: Directory = { parts: [], starts: [] };

function directoryOf(source: Json | readonly ListPart[]): Directory {
  if (typeof source !== "object" || source === null) return NOTHING;
  const known = directories.get(source);
  if (known !== undefined) return known;
  const listed = parts.safeParse(source).data ?? [];
  const starts: number[] = [];
  let next = 0;
  for (const part of listed) {
    starts.push(next);
    next += "items" in part ? part.count : 1;
  }
  const directory = { parts: listed, starts };
  directories.set(source, directory);
  return directory;
}

function entryInParts({ parts: listed, starts }: Directory, index: number, blobs: Pick<Blobs, "get">): Entry {
  const at = lastAtMost(starts, index);
  const part = listed[at];
  if (part === undefined) return { kind: "value", value: null };
  const held = "item" in part ? part.item : part.items;
  const value = "inline" in held ? held.inline : blobs.get(held.blob);
  if (value === undefined) return { kind: "missing", refs: refsOf(held) };
  if ("item" in part) return { kind: "value", value: index === starts[at] ? value : null };
  return entryIn(value, index - (starts[at] ?? 0));
}

/** Place of the last number that is no larger; -1 for none. The numbers rise. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? Infinity) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
