import { isJsonObject } from "#events/json.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// Whether a JSON Schema from outside is one that can be worked with: small, not deep, whole, and not made to grow when its
// references are followed. Looked at without recursion: what is nested a million times must not end this process.
//
// B1. What a reference names is in the document itself: nothing is fetched.
// B2. Followed everywhere, references give at most MAX_EXPANDED_PARTS parts; a circle is followed once around.

const MAX_SCHEMA_CHARS = 128 * 1024;
const MAX_SCHEMA_DEPTH = 64;
const MAX_SCHEMA_PARTS = 10_000;
const MAX_EXPANDED_PARTS = 100_000;
const SHOWN_CHARS = 80;

/** Why it cannot be used; undefined where it can. */
export function schemaFlaw(schema: unknown): string | undefined {
  if (!isJsonObject(schema)) return "is no JSON Schema object";
  const parts = partsOf(schema);
  if (typeof parts === "string") return parts;
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) return `has more than ${MAX_SCHEMA_CHARS} characters`;
  for (const part of parts) {
    const reference = referenceOf(part);
    if (reference === undefined) continue;
    const shown = JSON.stringify(reference.slice(0, SHOWN_CHARS));
    if (targetOf(reference, schema) === undefined) return `refers to ${shown}, which is not in it`;
  }
  if (expandedParts(schema) > MAX_EXPANDED_PARTS) return "grows without measure where its references are followed";
  return undefined;
}

/** Every object and list in it. */
function partsOf(schema: JsonSchema): readonly object[] | string {
  const parts: object[] = [];
  let level: readonly object[] = [schema];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_SCHEMA_DEPTH) return `is nested deeper than ${MAX_SCHEMA_DEPTH} levels`;
    for (const part of level) parts.push(part);
    if (parts.length > MAX_SCHEMA_PARTS) return `has more than ${MAX_SCHEMA_PARTS} parts`;
    level = level.flatMap(childrenOf);
  }
  return parts;
}

function childrenOf(part: object): readonly object[] {
  return Object.values(part).filter((child): child is object => typeof child === "object" && child !== null);
}

function referenceOf(part: object): string | undefined {
  const reference: unknown = "$ref" in part ? part.$ref : undefined;
  return typeof reference === "string" ? reference : undefined;
}

function targetOf(reference: string, root: JsonSchema): object | undefined {
  const target = referredPart(root, reference);
  return typeof target === "object" && target !== null ? target : undefined;
}

/** B2. A part that was counted once is not counted again, so that this takes no longer than there are parts. */
function expandedParts(root: JsonSchema): number {
  const known = new Map<object, number>();
  const open = new Set<object>();
  const count = (part: object): number => {
    const before = known.get(part);
    if (before !== undefined) return before;
    if (open.has(part) || open.size > MAX_OPEN_PARTS) return 1;
    open.add(part);
    const reference = referenceOf(part);
    const target = reference === undefined ? undefined : targetOf(reference, root);
    const inner = target === undefined ? childrenOf(part) : [...childrenOf(part), target];
    const sum = inner.reduce((total, child) => total + count(child), 1);
    open.delete(part);
    known.set(part, sum);
    return sum;
  };
  return count(root);
}

/** Longest way through references that is followed: as deep as the stack safely goes. */
const MAX_OPEN_PARTS = 2_000;
