import { canonicalJson, contentHash } from "#events/canonical.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { fitsTool } from "#src/planning/fallbacks/bound-anew.ts";
import { readsOf } from "#src/planning/fallbacks/output-reads.ts";
import { placedCalls } from "#src/planning/fallbacks/placed-calls.ts";
import { argumentsOf, constantOf } from "#src/planning/fallbacks/written-arguments.ts";
import { literal } from "#src/language/literal.ts";
import { secretPaths } from "#src/tools/secret.ts";

// Answers that need no tool: what the same call gave before, and that there is nothing.
//
// G1. Only in place of tools that only read: nothing is said to be done that was not.
// G2. An answer of before is data: nothing in it is read as an expression.
// G3. A call that takes a secret is not answered by what it gave before: whose secret that was is not known.

/** What a call gave, and when in ms since the epoch. */
interface PastOutput {
  readonly output: Json;
  readonly at: number;
}

/** The last recorded output of a tool for arguments of this hash: that of `{ tool, version, args }`, as `StepDispatched` has it. */
export type Past = (tool: string, argumentsHash: string) => PastOutput | undefined;

export interface GivenAnswer {
  readonly value: Json;
  readonly reason: string;
  /** What was answered before, and how old that is in words. */
  readonly before?: { readonly output: Json; readonly age: string };
}

/** A definition is no place for more. */
const MAX_CACHED_CHARS = 4_096;
const MAX_CACHED_AGE_MS = 30 * 24 * 60 * 60_000;

/** Undefined where it was never asked before, and where only the run knows what will be asked. */
export function cachedAnswer(
  { name, version, sideEffects, inputSchema, outputSchema }: CatalogEntry,
  given: JsonObject,
  { past, now }: { readonly past: Past; readonly now: number },
): GivenAnswer | undefined {
  const args = sideEffects === "read" ? constantOf(given) : undefined;
  if (args === undefined || secretPaths(inputSchema).length > 0) return undefined;
  const found = past(name, contentHash({ tool: name, version, args }));
  if (found === undefined || now - found.at > MAX_CACHED_AGE_MS) return undefined;
  if (canonicalJson(found.output).length > MAX_CACHED_CHARS) return undefined;
  if (violationsOf(outputSchema, found.output).length > 0) return undefined;
  const age = ageText(Math.max(0, now - found.at));
  const { output } = found;
  return { value: literal(output), reason: `what it gave before, ${age} old`, before: { output, age } };
}

/** Nothing was found, and whoever reads it can go on with that. */
export function emptyAnswer(
  { sideEffects, outputSchema }: CatalogEntry,
  id: string,
  { source, entries }: { readonly source: JsonObject; readonly entries: ReadonlyMap<string, CatalogEntry> },
): GivenAnswer | undefined {
  const isList = outputSchema["type"] === "array" && violationsOf(outputSchema, []).length === 0;
  if (sideEffects !== "read" || !isList) return undefined;
  const isRead = readsOf(source, id).every((read) => read === "whole" || read === "members");
  const isTaken = placedCalls(source).every(({ step }) => takesEmpty(step, id, entries));
  const reason = "an empty list: nothing was found, and what reads it can go on with that";
  return isRead && isTaken ? { value: [], reason } : undefined;
}

/** An argument that is all of the output may have to have an item. */
function takesEmpty(step: JsonObject, id: string, entries: ReadonlyMap<string, CatalogEntry>): boolean {
  const entry = typeof step["tool"] === "string" ? entries.get(step["tool"]) : undefined;
  const empty = Object.entries(argumentsOf(step)).filter(([, template]) => readsOf(template, id).includes("whole"));
  return empty.every(([name]) => entry !== undefined && fitsTool(entry, { [name]: [] }));
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

function ageText(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one) ?? ["s", 1_000];
  return `${Math.floor(ms / size)} ${unit}`;
}
