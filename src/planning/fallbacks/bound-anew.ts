import type { Json, JsonObject } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { feedOf } from "#src/planning/graph/data-flow.ts";
import { constantOf } from "#src/planning/fallbacks/written-arguments.ts";
import { secretPaths } from "#src/tools/secret.ts";

// The arguments of one tool as those of another: what means the same is handed over as it is written, so it comes from the same source.
//
// B1. A secret is never handed to another tool, and an identifier only to one of the same family: it says nothing elsewhere.
// B2. Everything that the first tool cannot do without is handed over, or it is another question that the second would answer.

export interface BoundAnew {
  readonly with: JsonObject;
  /** Names of arguments of the first tool that the second does not take. */
  readonly without: readonly string[];
}

/** Arguments of one name, or of one meaning, are the same thing from here on. */
const LEAST_FIT = 0.84;

/** Undefined where the second tool cannot be called with them. */
export function boundAnew(given: JsonObject, own: CatalogEntry, other: CatalogEntry): BoundAnew | undefined {
  const left = new Map(fieldsOf(own, given));
  const bound: Record<string, Json> = {};
  for (const parameter of requiredFirst(other)) {
    const name = parameter.path[0] ?? "";
    const from = bestFor(parameter, left, { own, other });
    const source = from === undefined ? parameter.fallback : given[from];
    if (from !== undefined) left.delete(from);
    else if (!parameter.isRequired) continue;
    if (source === undefined) return undefined;
    bound[name] = source;
  }
  const isRequired = (name: string): boolean => left.get(name)?.isRequired === true;
  const without = [...left.keys()];
  return without.some(isRequired) ? undefined : { with: bound, without };
}

/** B1: secrets stay behind. */
function fieldsOf(own: CatalogEntry, given: JsonObject): readonly (readonly [string, MeantField])[] {
  const secrets = new Set(secretPaths(own.inputSchema).map(({ path: [name] }) => name));
  return topLevel(own).flatMap((field) => {
    const [name = ""] = field.path;
    return Object.hasOwn(given, name) && !secrets.has(name) ? [[name, field] as const] : [];
  });
}

function topLevel({ parameters }: CatalogEntry): readonly MeantField[] {
  return parameters.filter(({ path }) => path.length === 1);
}

function requiredFirst(entry: CatalogEntry): readonly MeantField[] {
  return topLevel(entry).toSorted((one, two) => Number(two.isRequired) - Number(one.isRequired));
}

interface Between {
  readonly own: CatalogEntry;
  readonly other: CatalogEntry;
}

function bestFor(parameter: MeantField, left: ReadonlyMap<string, MeantField>, between: Between): string | undefined {
  let best: { readonly name: string; readonly fit: number } | undefined;
  for (const [name, field] of left) {
    const fit = fitOf(field, parameter, between);
    if (fit >= LEAST_FIT && fit > (best?.fit ?? 0)) best = { name, fit };
  }
  return best?.name;
}

function fitOf(field: MeantField, parameter: MeantField, { own, other }: Between): number {
  if (!isOfType(field, parameter)) return 0;
  if (isOpaque(field) && own.nameWords[0] !== other.nameWords[0]) return 0;
  const isSameName = spoken(field) === spoken(parameter);
  return isSameName ? 1 : feedOf(field, parameter);
}

/** Nothing is written out as text here: the first tool's argument has its own type. */
function isOfType(field: MeantField, { type, options }: MeantField): boolean {
  if (options !== undefined && JSON.stringify(options) !== JSON.stringify(field.options)) return false;
  return field.type === type || type === "any" || (field.type === "integer" && type === "number");
}

/** What only one system knows. */
function isOpaque({ meaning }: MeantField): boolean {
  return meaning.kinds.some((kind) => /(?:^|-)(?:ids?|token|cursor|key|uuid|ref)$/.test(kind));
}

function spoken({ path }: MeantField): string {
  return nameWords(path.join(" ")).join(" ");
}

/** Whether arguments are what the tool takes, as far as they are known before anything runs. */
export function fitsTool({ inputSchema }: Pick<CatalogEntry, "inputSchema">, given: JsonObject): boolean {
  const known = Object.entries(given).flatMap(([name, template]) => {
    const value = constantOf(template);
    return value === undefined ? [] : [[name, value] as const];
  });
  const { required: _, ...schema } = inputSchema;
  return violationsOf(schema, Object.fromEntries(known)).length === 0;
}
