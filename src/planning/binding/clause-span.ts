import type { Json } from "#events/json.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// One clause of a request as what the arguments of one call are taken from, by rules that need no example; and what a parameter wants,
// an address or the thing itself.

export interface Clause extends Said {
  /** The word that says what is to be done, in lower case. */
  readonly verb: string;
  /** Whether it speaks of what came before: "it", "the result". */
  readonly refersBack: boolean;
}

/** What is asked of the rules: this argument, out of these words. */
export interface Wanting {
  readonly entry: CatalogEntry;
  readonly parameter: MeantField;
  readonly clause: Clause;
  /** Of the clause, without what other arguments have taken. */
  readonly spans: readonly Span[];
}

export interface SaidArgument {
  readonly value: Json;
  readonly said: Said;
  /** How surely the words mean this argument, 0 to 1. */
  readonly evidence: number;
}

/** An address says where something is; it is never the thing itself. */
export function isAddress({ kind }: Pick<Span, "kind">): boolean {
  return kind === "path" || kind === "url";
}

export function wantsAddress({ meaning }: MeantField): boolean {
  return meaning.kinds.some((kind) => kind === "path" || kind === "url");
}

const CONTENT: ReadonlySet<string> = new Set("text data html markdown document source input csv json xml".split(" "));

/** Whether it takes something to work on, as a whole: what a file or a page holds. */
export function wantsContent({ meaning, type, options, format, semantic }: MeantField): boolean {
  if (options !== undefined || format !== undefined || semantic !== undefined) return false;
  return (type === "string" || type === "any") && meaning.kinds.some((kind) => CONTENT.has(kind));
}

export function parameterWords({ path }: MeantField): readonly string[] {
  return nameWords(path.at(-1) ?? "");
}
