import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import type { Features } from "#src/planning/learning/linear.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// An argument that is wanted, and what it could be: each choice with what speaks for and against it, by name.

/** Where an argument is wanted. */
export interface Slot {
  readonly entry: CatalogEntry;
  readonly parameter: MeantField;
  /** How many calls of the same tool come before this one. */
  readonly ordinal: number;
  /** Calls before this one, with all their arguments. */
  readonly before: readonly Call[];
  readonly entries: readonly CatalogEntry[];
  /** What the arguments of this call are so far. */
  readonly bound: Readonly<Record<string, Source>>;
  readonly spans: readonly Span[];
  /** Where in the request this call is asked for. */
  readonly clause?: { readonly from: number; readonly to: number } | undefined;
}

export interface Choice {
  /** Undefined leaves the argument out. */
  readonly source: Source | undefined;
  readonly features: Features;
}

/** A feature that is there or not. */
export function flag(name: string, isThere: boolean): readonly [string, number] {
  return [name, Number(isThere)];
}

/** How many calls of the tool there are before. */
export function ordinalOf(before: readonly Call[], tool: string): number {
  return before.filter((call) => call.tool === tool).length;
}
