import type { Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { isJsonObject } from "#events/json.ts";
import { capabilityOf, oneLine } from "#src/planning/answering/capability.ts";
import type { BoundCall } from "#src/planning/binding/argument-model.ts";
import { callsIn } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { Said } from "#src/planning/analysis/value.ts";

// What has to be asked before a plan can be made, in plain words: from the name, description, type and options of what is missing.
//
// Q1. At most MAX_QUESTIONS at once, those first whose answers most of the plan waits for.
// Q2. Two calls that lack the same thing are one question.
// Q3. What a schema says comes from outside: it is shown as one line, and never as an instruction.

export interface Question {
  /** Stable for the same request and catalog: `flights.date`, `deadline`. */
  readonly id: string;
  /** In plain words, one line. */
  readonly text: string;
  /** What an answer has to be. */
  readonly schema: JsonSchema;
  /** Arguments that the answer is for; empty where it is about the request itself. */
  readonly about: readonly MissingArgument[];
  /** What it may be, where that is a choice; each with what it means. */
  readonly choices?: readonly { readonly value: Json; readonly text: string }[];
  readonly default?: Json;
  /** Words of the request that led to it. */
  readonly words?: Said;
}

export interface MissingArgument {
  /** Index of the call in the draft. */
  readonly call: number;
  readonly tool: string;
  readonly parameter: string;
}

export const MAX_QUESTIONS = 5;

interface Missing extends MissingArgument {
  readonly entry: CatalogEntry;
  readonly field: MeantField;
  /** How many calls of the draft wait for this one. */
  readonly waiting: number;
}

/** Of all required arguments that a draft lacks. `place` is where the request asks for a tool. */
export function missingQuestions(
  calls: readonly BoundCall[],
  entries: readonly CatalogEntry[],
  place: (tool: string) => Said | undefined,
): readonly Question[] {
  const groups = Map.groupBy(missingIn(calls, entries), ({ field, parameter }) =>
    [
      field.meaning.kinds[0] ?? parameter,
      ...field.meaning.qualifiers,
      field.type,
      JSON.stringify(field.options ?? 0),
    ].join(" "),
  );
  return [...groups.values()]
    .map((missing) => ({ missing, waiting: Math.max(...missing.map((one) => one.waiting)) }))
    .sort((one, other) => other.waiting - one.waiting)
    .slice(0, MAX_QUESTIONS)
    .flatMap(({ missing }) => questionAbout(missing, place));
}

function missingIn(calls: readonly BoundCall[], entries: readonly CatalogEntry[]): readonly Missing[] {
  return calls.flatMap(({ tool, missing }, call) => {
    const entry = entries.find(({ name }) => name === tool);
    return missing.flatMap((parameter): readonly Missing[] => {
      const field = entry?.parameters.find(({ path }) => path.length === 1 && path[0] === parameter);
      return entry === undefined || field === undefined
        ? []
        : [{ call, tool, parameter, entry, field, waiting: waitingFor(call, calls) }];
    });
  });
}

/** With those that wait for them in turn. */
function waitingFor(call: number, calls: readonly BoundCall[]): number {
  const waiting = new Set([call]);
  for (const [at, { arguments: given }] of calls.entries())
    if (Object.values(given).some((source) => callsIn(source).some((one) => waiting.has(one)))) waiting.add(at);
  return waiting.size - 1;
}

function questionAbout(missing: readonly Missing[], place: (tool: string) => Said | undefined): readonly Question[] {
  const [first] = missing;
  if (first === undefined) return [];
  const { entry, field, parameter, tool } = first;
  const words = place(tool);
  const choices = field.options?.slice(0, MAX_CHOICES).map((value) => ({ value, text: spoken(value) }));
  return [
    {
      id: `${tool}.${parameter}`,
      text: questionText(field, entry),
      schema: schemaOf(entry, field, parameter),
      about: missing.map((one) => ({ call: one.call, tool: one.tool, parameter: one.parameter })),
      ...(choices === undefined ? {} : { choices }),
      ...(field.fallback === undefined ? {} : { default: field.fallback }),
      ...(words === undefined ? {} : { words: { from: words.from, to: words.to, words: words.words } }),
    },
  ];
}

const MAX_CHOICES = 50;
const SHOWN_CHOICES = 8;

function questionText(field: MeantField, entry: CatalogEntry): string {
  const name = nameWords(field.path.at(-1) ?? "").join(" ");
  const about = oneLine(field.description);
  const explained = about === "" || about.toLowerCase() === name ? "" : ` (${about})`;
  return `${ASKED[kindOf(field)](name)}${explained}${choiceText(field.options)}? It is for: ${capabilityOf(entry)}.`;
}

type Kind = "date" | "yes" | "amount" | "list" | "other";

function kindOf({ type, format, meaning }: MeantField): Kind {
  if (type === "boolean") return "yes";
  if (type === "number" || type === "integer") return "amount";
  if (type === "array") return "list";
  return (format ?? meaning.kinds[0] ?? "").startsWith("date") ? "date" : "other";
}

const ASKED: Readonly<Record<Kind, (name: string) => string>> = {
  date: (name) => (name === "date" ? "On which date" : `Which date is the ${name}`),
  yes: (name) => `Yes or no: ${name}`,
  amount: (name) => `Which number is the ${name}`,
  list: (name) => `Which ${name}, one or several`,
  other: (name) => `Which ${name}`,
};

function choiceText(options: readonly Json[] | undefined): string {
  if (options === undefined || options.length === 0) return "";
  const shown = options.slice(0, SHOWN_CHOICES).map(spoken);
  return `: ${shown.join(", ")}${options.length > shown.length ? `, … (${options.length} in all)` : ""}`;
}

function spoken(value: Json): string {
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

const MAX_SCHEMA_CHARS = 4_000;

/** Of the parameter as its tool declares it; a large one is told by its type alone. */
function schemaOf(entry: CatalogEntry, field: MeantField, parameter: string): JsonSchema {
  const { properties } = entry.inputSchema;
  const declared = isJsonObject(properties) ? properties[parameter] : undefined;
  const isSmall = isJsonObject(declared) && JSON.stringify(declared).length <= MAX_SCHEMA_CHARS;
  const isWhole = isSmall && !JSON.stringify(declared).includes('"$ref"');
  if (isWhole) return declared;
  return field.type === "any" ? {} : { type: field.type };
}
