import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import type { Action } from "#src/planning/analysis/verbs.ts";

// One sentence about what a step gave, as a template: a number as a number, a list as how many and the first of them, what was made by its
// id or address, none found said as such.
//
// O1. Whatever of its schema the output leaves out or has as null, the sentence has a value.
// O2. It is one sentence of the template: a response without success leaves it out as a whole.

export interface Spoken {
  /** Of the step. */
  readonly id: string;
  readonly entry: CatalogEntry;
  readonly action: Action;
  /** What it is about, in letters, digits and spaces. */
  readonly label: string;
}

/** Items of a list that are named. */
const MAX_ITEMS_NAMED = 3;
/** UTF-16 units of a text that an output brings into a response. */
const MAX_TEXT_CHARS = 4_000;
/** Fields of an object that are said. */
const MAX_FIELDS_SAID = 4;

export const SCALARS: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean"]);
const NAMES = ["name", "title", "subject", "label", "displayName", "summary", "path", "file", "id", "key", "url"];
const ADDRESSES = ["id", "number", "reference", "confirmation", "key", "url", "link", "path"];

export function outputSentence(spoken: Spoken): string {
  const { id, entry } = spoken;
  const [whole] = entry.outputs;
  const output = `steps.${id}.output`;
  if (whole?.type === "array") return listSentence(spoken, `(${output} == null ? [] : ${output})`, ["*"]);
  const list = entry.outputs.find(({ path, type }) => type === "array" && path.length === 1 && isPlain(path));
  if (whole?.type === "object" && list !== undefined) {
    return listSentence(spoken, guarded(output, list.path, { otherwise: "[]" }), [...list.path, "*"]);
  }
  if (whole?.type === "object") return objectSentence(spoken, output);
  return scalarSentence(spoken, output, whole?.type ?? "any");
}

function scalarSentence({ label, action }: Spoken, output: string, type: string): string {
  const said = `${capital(label)}: `;
  if (type === "boolean") return `${said}\${${output} == true ? "yes" : "no"}.`;
  if (type === "number" || type === "integer") return `${said}\${${output}}.`;
  if (type === "string") return `${said}\${${output} == null ? "none" : ${clipped(output)}}`;
  // Of what is not known nothing is said but that it is there: the outputs have it.
  return `${capital(label)}: ${DONE[action] ?? "done"}.`;
}

function listSentence({ entry, label, action }: Spoken, list: string, items: readonly string[]): string {
  const found = DONE[action] === "found" || entry.sideEffects === "read" ? "found" : (DONE[action] ?? "given");
  const name = nameOfItem(entry.outputs, items);
  const none = quoted(`${capital(label)}: none ${found}`);
  const count = `string(size(${list})) + ${quoted(` ${found}`)}`;
  const first = `${list}.slice(0, min(size(${list}), ${MAX_ITEMS_NAMED}))`;
  const more = `(size(${list}) > ${MAX_ITEMS_NAMED} ? " and " + string(size(${list}) - ${MAX_ITEMS_NAMED}) + " more" : "")`;
  const names = name === undefined ? "" : ` + ": " + ${first}.map(x, ${name}).join(", ") + ${more}`;
  return `\${size(${list}) == 0 ? ${none} : ${quoted(`${capital(label)}: `)} + ${count}${names}}.`;
}

/** The text of an item `x`; undefined where it has none that is short. */
function nameOfItem(fields: readonly MeantField[], items: readonly string[]): string | undefined {
  const at = items.join(".");
  const item = fields.find(({ path }) => path.join(".") === at);
  if (item !== undefined && SCALARS.has(item.type)) return `x == null ? "?" : ${clipped("string(x)")}`;
  const field = NAMES.map((name) => fields.find(({ path }) => path.join(".") === `${at}.${name}`)).find(
    (candidate) => candidate !== undefined && SCALARS.has(candidate.type),
  );
  const name = field?.path.at(-1);
  return name === undefined ? undefined : guarded("x", [name], { otherwise: '"?"', isText: true });
}

function objectSentence({ entry, label, action }: Spoken, output: string): string {
  const scalars = entry.outputs.filter(({ path, type }) => path.length === 1 && isPlain(path) && SCALARS.has(type));
  const addresses = ADDRESSES.flatMap((name) => scalars.filter(({ path }) => path[0] === name));
  const hasEffect = entry.sideEffects !== "read";
  const said = (hasEffect && addresses.length > 0 ? addresses : scalars).slice(0, MAX_FIELDS_SAID);
  const fields = said.map(({ path }) => {
    const value = guarded(output, path, { otherwise: '"unknown"', isText: true });
    return `${path[0] ?? ""} \${${value}}`;
  });
  const head = hasEffect ? `${capital(DONE[action] ?? "done")}: ${label}` : capital(label);
  return fields.length === 0 ? `${head}.` : `${head}: ${fields.join(", ")}.`;
}

interface Guard {
  readonly otherwise: string;
  readonly isText?: boolean;
}

/** O1. */
export function guarded(object: string, [name = ""]: readonly string[], { otherwise, isText = false }: Guard): string {
  const field = `${object}.${name}`;
  const value = isText ? clipped(`string(${field})`) : field;
  return `(${object} != null && has(${field}) && ${field} != null ? ${value} : ${otherwise})`;
}

export function clipped(text: string, maxChars = MAX_TEXT_CHARS): string {
  return `(size(${text}) > ${maxChars} ? ${text}.substring(0, ${maxChars}) + "…" : ${text})`;
}

/** A name that an expression can select. */
export function isPlain([name = ""]: readonly string[]): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const DONE: Readonly<Partial<Record<Action, string>>> = {
  find: "found",
  read: "read",
  create: "created",
  change: "changed",
  remove: "removed",
  send: "sent",
  compute: "computed",
  convert: "converted",
  book: "booked",
  pay: "paid",
  set: "set",
  compare: "compared",
  check: "checked",
  share: "shared",
  move: "moved",
  run: "run",
  sort: "sorted",
  join: "joined",
};
