import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { actionNamed } from "#src/planning/prediction/terms.ts";
import { cleanText } from "#src/planning/analysis/clean-text.ts";

// What a catalog can do, in words for a person: one tool as one line, and a whole catalog by what it is about.
//
// C1. Descriptions come from outside: what is shown of them is one line without invisible characters, and short.

const MAX_LINE_CHARS = 160;

/** The first sentence of its description, or the words of its name. */
export function capabilityOf({ name, description }: CatalogEntry): string {
  const line = oneLine(description);
  const [sentence = ""] = line.split(/(?<=[\p{L}\p{N})]{2})[.!?;](?:\s|$)/u);
  return sentence === "" ? nameWords(name).join(" ") : sentence;
}

/** C1. */
export function oneLine(text: string, most = MAX_LINE_CHARS): string {
  const line = cleanText(text.slice(0, most * 2))
    .replaceAll(/\s+/gu, " ")
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`.toWellFormed();
}

/** What tools of one domain, or whose names begin alike, can do. */
export interface Subject {
  readonly about: string;
  /** "find", "create": what is done there, the commonest first; may be empty. */
  readonly actions: readonly string[];
  readonly tools: number;
}

const MAX_SUBJECTS = 12;
const MAX_ACTIONS = 6;

/** Those with the most tools first, and of as many in the order of the catalog. */
export function subjectsOf(entries: readonly CatalogEntry[]): readonly Subject[] {
  const bySubject = new Map<string, CatalogEntry[]>();
  for (const entry of entries)
    for (const about of subjectNames(entry)) bySubject.set(about, [...(bySubject.get(about) ?? []), entry]);
  return [...bySubject]
    .map(([about, tools]) => ({ about, actions: actionsOf(tools), tools: tools.length }))
    .sort((one, other) => other.tools - one.tools)
    .slice(0, MAX_SUBJECTS);
}

function subjectNames({ domains = [], nameWords: words }: CatalogEntry): readonly string[] {
  return domains.length > 0 ? domains.map((domain) => oneLine(domain)) : words.slice(0, 1);
}

function actionsOf(tools: readonly CatalogEntry[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { nameWords: words } of tools)
    for (const action of new Set(words.flatMap((word) => actionNamed(word) ?? [])))
      counts.set(action, (counts.get(action) ?? 0) + 1);
  const common = [...counts].sort(([, one], [, other]) => other - one);
  return common.slice(0, MAX_ACTIONS).map(([action]) => action);
}
