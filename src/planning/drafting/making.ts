import type { Said } from "#src/planning/analysis/value.ts";
import type { ArgumentModel, BoundCall } from "#src/planning/binding/argument-model.ts";
import type { Clause } from "#src/planning/binding/clause-span.ts";
import type { Source } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";

// A plan in the making: calls so far, and which words of the request they have taken. Every step gives a new one, so that a way that
// leads nowhere is simply left.

export interface Making {
  readonly calls: readonly BoundCall[];
  readonly used: readonly Said[];
  /** Of all arguments, summed up: what speaks for them, less what speaks against them. */
  readonly evidence: number;
}

export const NOTHING_MADE: Making = { calls: [], used: [], evidence: 0 };

/** What does not change while one clause is made into a call. */
export interface Around {
  readonly entries: readonly CatalogEntry[];
  readonly arguments: ArgumentModel;
  /** By entry, the entries that give one of its required arguments, and how well. */
  readonly feeders: readonly ReadonlyMap<number, number>[];
  /** By entry, how well it fits the words of the clause. */
  readonly fitting: readonly number[];
  readonly clause: Clause;
  /** Of the clause. */
  readonly spans: readonly Span[];
  /** Of the whole request, what was found in it. */
  readonly values: readonly Span[];
  /** Addresses of clauses before, the last first. */
  readonly addresses: readonly Span[];
  /** Index of the call of the clause before; undefined of the first. */
  readonly last: number | undefined;
  /** How an entry is called, whatever its arguments need before: given in, since what gives an argument has arguments itself. */
  readonly call: (entry: CatalogEntry, making: Making, how: How) => Making;
}

export interface How {
  readonly around: Around;
  /** How many calls in a row may still be put before this one. */
  readonly depth: number;
  /** For which of several of a kind it is called: `origin`. */
  readonly role: readonly string[];
  /** Whether it is called for what it gives to another call. */
  readonly isGiver: boolean;
}

/** An argument that is wanted while a call is made. */
export interface Wanted extends How {
  readonly entry: CatalogEntry;
  readonly parameter: MeantField;
  readonly making: Making;
  readonly bound: Readonly<Record<string, Source>>;
}

/** An argument that was found. */
export interface Found {
  readonly source: Source;
  readonly evidence: number;
  /** With the calls that were put before. */
  readonly making: Making;
}

export function freeSpans({ around, making }: Pick<Wanted, "around" | "making">): readonly Span[] {
  return around.spans.filter((span) => !making.used.some((used) => used.from < span.to && span.from < used.to));
}
