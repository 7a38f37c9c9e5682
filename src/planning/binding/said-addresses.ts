import { actionOf } from "#src/planning/analysis/verbs.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import { isAddress, type SaidArgument, type Wanting } from "#src/planning/binding/clause-span.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// Paths and URLs of a clause, by their role: what stands behind "to", "as" or "into" is where something goes, all else where it comes
// from. A directory is often said without a mark of a path: "the files in docs".

/** What stands before where something goes. */
export const TARGET: ReadonlySet<string> = new Set(["to", "as", "into", "onto"]);
const INSIDE: ReadonlySet<string> = new Set("in under below inside within from of into".split(" "));
const PLACE_NOUN: ReadonlySet<string> = new Set("folder directory dir file".split(" "));
const NO_PLACE: ReadonlySet<string> = new Set(
  "folder directory dir file files root repository repo project disk order total detail general".split(" "),
);

const EVIDENCE = {
  role: 0.6,
  plain: 0.5,
  otherRole: 0.1,
  directory: 0.5,
  bare: 0.1,
};

export function saidAddress({ entry, parameter, spans, clause }: Wanting): SaidArgument | undefined {
  const { kinds } = parameter.meaning;
  const own = spans.filter((span) => isAddress(span) && kinds.includes(span.kind));
  const writes = entry.sideEffects !== "read";
  const ranked = own
    .map((span) => ({ span, evidence: evidenceOf(span, writes, own.length) }))
    .sort((one, other) => other.evidence - one.evidence);
  const best = ranked[0] ?? bare(kinds.includes("path") ? spans : [], { entry, verb: clause.verb });
  if (best === undefined) return undefined;
  const { from, to, words, found } = best.span;
  const text = typeof found?.value === "string" ? found.value : words;
  const value = parameter.type === "array" ? [text] : text;
  return canBe(value, parameter) ? { value, said: { from, to, words }, evidence: best.evidence } : undefined;
}

function evidenceOf({ left }: Span, writes: boolean, count: number): number {
  if (TARGET.has(left)) return writes ? EVIDENCE.role : EVIDENCE.otherRole;
  return writes && count > 1 ? EVIDENCE.otherRole : EVIDENCE.plain;
}

function bare(
  spans: readonly Span[],
  { entry, verb }: { readonly entry: CatalogEntry; readonly verb: string },
): { readonly span: Span; readonly evidence: number } | undefined {
  const named = new Set([...entry.nameWords, verb]);
  const span = spans.find((one) => isPlaceWord(one, named) && standsAsPlace(one));
  // A word without an extension is rather a directory.
  const isForDirectories = /\bdirector(?:y|ies)\b|\bfolders?\b/i.test(entry.description);
  return (
    span && {
      span,
      evidence: isForDirectories ? EVIDENCE.directory : EVIDENCE.bare,
    }
  );
}

function isPlaceWord({ kind, count, words }: Span, named: ReadonlySet<string>): boolean {
  if (kind !== "phrase" || count !== 1 || /^\p{Lu}\p{Ll}/u.test(words)) return false;
  const word = words.toLowerCase();
  return !NO_PLACE.has(word) && !named.has(word) && actionOf(word) === undefined;
}

function standsAsPlace({ left, right, isWhole }: Span): boolean {
  return PLACE_NOUN.has(right) || PLACE_NOUN.has(left) || (INSIDE.has(left) && isWhole);
}
