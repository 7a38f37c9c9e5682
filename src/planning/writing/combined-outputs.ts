import type { Json, JsonObject } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { callsIn, type Call, type Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { guarded, isPlain, SCALARS } from "#src/planning/responding/output-sentence.ts";

// What several calls of one tool gave, as one list: each entry says what it is of. A step gathers the outputs, so that whatever reads the list
// stands on all of them; records are merged with what they are of, lists are joined, anything else is an entry's value.
//
// C1. Of the request only values are taken over, as data: nothing of it is ever read as an expression.
// C2. Whatever of its schema an output leaves out or has as null, the list has a value.

export interface Combination {
  /** Of the step that gathers the outputs. */
  readonly id: string;
  readonly entry: CatalogEntry;
  /** Indexes of the calls. */
  readonly calls: readonly number[];
  /** Template of what the step gives. */
  readonly gathered: Json;
  /** Expression of the list. */
  readonly list: string;
  /** Names of an entry that a table has, what it is of first. */
  readonly columns: readonly string[];
}

interface Written {
  readonly calls: readonly Call[];
  /** Ids of their steps, in their order. */
  readonly ids: readonly string[];
  readonly entries: readonly CatalogEntry[];
  /** Ids that are not for steps. */
  readonly taken: readonly string[];
}

const MAX_COLUMNS = 6;
const MAX_LABEL_CHARS = 100;

/** One for each tool that only reads and of which several outputs are what was asked for. */
export function combinationsOf(written: Written): readonly Combination[] {
  const { calls, ids, entries } = written;
  const used = new Set(calls.flatMap(({ arguments: given }) => Object.values(given).flatMap(callsIn)));
  const results = [...calls.keys()].filter((at) => !used.has(at));
  const byTool = Map.groupBy(results, (at) => calls[at]?.tool);
  const taken = new Set([...ids, ...written.taken]);
  return [...byTool.values()].flatMap((members): readonly Combination[] => {
    const entry = entries.find(({ name }) => name === calls[members[0] ?? 0]?.tool);
    if (members.length < 2 || entry?.sideEffects !== "read") return [];
    const id = freeId(`${ids[members[0] ?? 0] ?? "outputs"}_all`, taken);
    taken.add(id);
    return [combination({ id, entry, members }, written)];
  });
}

interface Group {
  readonly id: string;
  readonly entry: CatalogEntry;
  readonly members: readonly number[];
}

function combination({ id, entry, members }: Group, { calls, ids }: Written): Combination {
  const by = differing(members, calls);
  const name = by?.name ?? "number";
  const of = members.map((at, nth) => (by === undefined ? undefined : labelAt(at, by, calls)) ?? nth + 1);
  const gathered = members.map((at, nth): JsonObject => ({
    of: literal(of[nth] ?? nth + 1),
    given: `\${steps.${ids[at] ?? ""}.output}`,
  }));
  return { id, entry, calls: members, gathered, ...listOf(entry, { id, name }) };
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  for (let id = wanted, number = 2; ; id = `${wanted}_${number++}`) if (!taken.has(id)) return id;
}

/** What they are of: an argument that differs, of the calls themselves or of those that they take something from, found by `through`. */
interface Differing {
  readonly name: string;
  readonly through: readonly string[];
}

const MAX_HOPS = 8;

function differing(
  members: readonly number[],
  calls: readonly Call[],
  through: readonly string[] = [],
): Differing | undefined {
  const given = Object.entries(callThrough(members[0] ?? 0, through, calls)?.arguments ?? {});
  const [name] = given.find(([one]) => isPlain([one]) && areDifferent(members, { name: one, through }, calls)) ?? [];
  if (name !== undefined) return { name, through };
  const [next] = given.find(([, source]) => source.kind === "output") ?? [];
  return next === undefined || through.length >= MAX_HOPS ? undefined : differing(members, calls, [...through, next]);
}

function areDifferent(members: readonly number[], by: Differing, calls: readonly Call[]): boolean {
  const labels = members.map((at) => labelAt(at, by, calls));
  return labels.every((label) => label !== undefined) && new Set(labels).size === labels.length;
}

function labelAt(at: number, { name, through }: Differing, calls: readonly Call[]): string | number | undefined {
  const source = callThrough(at, through, calls)?.arguments[name];
  return source === undefined ? undefined : labelOf(source);
}

/** The call that it takes something from, by the names of arguments one behind the other. */
function callThrough(at: number, through: readonly string[], calls: readonly Call[]): Call | undefined {
  return through.reduce<Call | undefined>((call, argument) => {
    const source = call?.arguments[argument];
    return source?.kind === "output" ? calls[source.call] : undefined;
  }, calls[at]);
}

function labelOf(source: Source): string | number | undefined {
  if (!("value" in source)) return undefined;
  const { value } = source;
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_LABEL_CHARS) : undefined;
}

interface Named {
  readonly id: string;
  /** Of what an entry is of. */
  readonly name: string;
}

function listOf({ outputs }: CatalogEntry, { id, name }: Named): Pick<Combination, "list" | "columns"> {
  const all = `steps.${id}.output`;
  const of = `${JSON.stringify(name)}: p.of`;
  const nested = listPath(outputs);
  if (nested !== undefined) {
    const items =
      nested.length === 0 ? "(p.given == null ? [] : p.given)" : guarded("p.given", nested, { otherwise: "[]" });
    const isRecord = typeAt(outputs, [...nested, "*"]) === "object";
    const made = isRecord ? `merge({${of}}, x == null ? {} : x)` : `{${of}, "value": x}`;
    const fields = isRecord ? fieldsIn(outputs, [...nested, "*"]) : ["value"];
    return { list: `${all}.map(p, ${items}.map(x, ${made})).concat()`, columns: columnsOf(name, fields) };
  }
  const isRecord = typeAt(outputs, []) === "object";
  const made = isRecord ? `merge({${of}}, p.given == null ? {} : p.given)` : `{${of}, "value": p.given}`;
  return { list: `${all}.map(p, ${made})`, columns: columnsOf(name, isRecord ? fieldsIn(outputs, []) : ["value"]) };
}

/** Where the list is that the output is, or has as its first. */
function listPath(outputs: readonly MeantField[]): readonly string[] | undefined {
  const whole = typeAt(outputs, []);
  if (whole === "array") return [];
  if (whole !== "object") return undefined;
  return outputs.find(({ path, type }) => type === "array" && path.length === 1 && isPlain(path))?.path;
}

function typeAt(outputs: readonly MeantField[], at: readonly string[]): MeantField["type"] | undefined {
  return outputs.find(({ path }) => path.length === at.length && at.every((part, index) => path[index] === part))?.type;
}

/** Names of what is short, right below a place. */
function fieldsIn(outputs: readonly MeantField[], at: readonly string[]): readonly string[] {
  return outputs.flatMap(({ path, type }) => {
    const [name] = path.slice(at.length);
    const isBelow = path.length === at.length + 1 && at.every((part, index) => path[index] === part);
    return isBelow && name !== undefined && SCALARS.has(type) && isPlain([name]) ? [name] : [];
  });
}

function columnsOf(name: string, fields: readonly string[]): readonly string[] {
  return [...new Set([name, ...fields])].slice(0, MAX_COLUMNS);
}
