import type { JsonObject } from "#events/json.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { fitsTool } from "#src/planning/fallbacks/bound-anew.ts";
import { constantOf } from "#src/planning/fallbacks/written-arguments.ts";
import { secretPaths } from "#src/tools/secret.ts";

// The same tool with other arguments, where that may help: fewer results of what was too much, a wider search for what was not found.
// What it gives is then less, or something else, than what was asked for: it is degraded, and says by what.
//
// O1. Only of tools that only read: nothing is done that was not asked for.

export interface OtherArguments {
  readonly with: JsonObject;
  readonly reason: string;
}

/** So much smaller. */
const SHARE = 4;

/** A quarter of what was asked for; undefined where nothing bounds the size of the answer. */
export function smaller(entry: CatalogEntry, given: JsonObject): OtherArguments | undefined {
  if (entry.sideEffects !== "read") return undefined;
  for (const field of topLevel(entry).filter(isBound)) {
    const [name = ""] = field.path;
    const now = constantOf(given[name] ?? field.fallback ?? null);
    if (typeof now !== "number" || !Number.isInteger(now) || now <= 1) continue;
    const less = Math.max(1, Math.floor(now / SHARE));
    const fewer = { ...given, [name]: less };
    if (fitsTool(entry, fewer)) return { with: fewer, reason: `${name} ${less} instead of ${now}: a smaller answer` };
  }
  return undefined;
}

/** Without one of its filters, the last of those that are declared; undefined where it has none. */
export function looser(entry: CatalogEntry, given: JsonObject): OtherArguments | undefined {
  if (entry.sideEffects !== "read") return undefined;
  const secrets = new Set(secretPaths(entry.inputSchema).map(({ path: [name] }) => name));
  const filter = topLevel(entry).findLast((field) => {
    const [name = ""] = field.path;
    return Object.hasOwn(given, name) && !secrets.has(name) && isFilter(field);
  });
  const [name] = filter?.path ?? [];
  if (name === undefined) return undefined;
  const { [name]: left, ...wider } = given;
  const value = constantOf(left ?? null);
  return {
    with: wider,
    reason: `without ${name}${value === undefined ? "" : ` ${JSON.stringify(value)}`}: a wider search`,
  };
}

function topLevel({ parameters }: CatalogEntry): readonly MeantField[] {
  return parameters.filter(({ path }) => path.length === 1);
}

const SIZES: ReadonlySet<string> = new Set("limit top size results count rows items records".split(" "));

/** How much is given, not what: "limit", "max_results", "page size". */
function isBound({ type, path }: MeantField): boolean {
  const words = nameWords(path[0] ?? "");
  if (type !== "integer" && type !== "number") return false;
  return words.includes("limit") || words.join("") === "top" || (isPaging(words) && SIZES.has(words.at(-1) ?? ""));
}

function isPaging(words: readonly string[]): boolean {
  return ["max", "page", "per", "batch", "num"].some((word) => words.includes(word));
}

/** How an answer is given, from where, and for whom: nothing that a search is wider without. */
const NO_FILTER: ReadonlySet<string> = new Set(
  (
    "format unit units language lang locale currency sort order page offset cursor limit size token key secret path root folder url " +
    "host user account tenant mode version timeout"
  ).split(" "),
);

/** A switch is none: "include private" is no bound of a search. */
function isFilter(field: MeantField): boolean {
  const words = nameWords(field.path[0] ?? "");
  if (field.isRequired || field.type === "boolean" || field.type === "object") return false;
  return !isBound(field) && !words.some((word) => NO_FILTER.has(word));
}
