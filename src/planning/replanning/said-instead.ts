import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { asWanted, readings } from "#src/planning/binding/as-wanted.ts";
import { placedCalls } from "#src/planning/fallbacks/placed-calls.ts";
import { leftOutWith } from "#src/planning/replanning/leaving-out.ts";
import { blamedBy } from "#src/planning/replanning/rebinding.ts";
import { entryFor, type Cause, type Situation, type StepOutcome } from "#src/planning/replanning/situation.ts";

// What a person can say to a step that failed where nothing else helps, and what is meant by what was said.
//
// S1. Data: it is one of the words below, a value that the step's schema takes, or nothing.
// S2. Nobody says that something was agreed to: an approval is given as an approval.
// S3. What is made of other steps begins anew as a whole: it is tried again only where nothing inside of it has effects.

export interface Choices {
  /** S3. */
  readonly canRetry: boolean;
  /** What is left out with the step where it is left out; undefined where nothing else would be left. */
  readonly skip: readonly string[] | undefined;
  /** Of what the step gives; undefined where nobody can say that. */
  readonly value: JsonSchema | undefined;
  /** The argument that the failure speaks of. */
  readonly wants: MeantField | undefined;
}

export function choicesFor(id: string, situation: Situation): Choices {
  const step = situation.steps[id] ?? {};
  const entry = entryFor(step, situation);
  return {
    canRetry: mayBeginAnew(id, situation),
    skip: leftOutWith(id, situation),
    value: NO_VALUE.some((word) => Object.hasOwn(step, word)) ? undefined : (entry?.outputSchema ?? {}),
    wants: entry === undefined ? undefined : wantedBy(entry, situation.outcomes[id]?.error),
  };
}

/** S3. */
function mayBeginAnew(id: string, situation: Situation): boolean {
  const step = situation.steps[id] ?? {};
  if (Object.hasOwn(step, "call")) return false;
  if (!INSIDE.some((word) => Object.hasOwn(step, word))) return true;
  const calls = placedCalls({ steps: { [id]: step } });
  return calls.every((placed) => entryFor(placed.step, situation)?.sideEffects === "read");
}

const INSIDE = ["each", "repeat"];

function wantedBy(entry: CatalogEntry, error: StepOutcome["error"]): MeantField | undefined {
  return error?.category === "validation" ? blamedBy(error.message, entry)[0] : undefined;
}

/** S2. */
const NO_VALUE = ["approve", "wait", "signal"];

/** As one schema, for whoever shows the question. */
export function schemaOf({ canRetry, skip, value, wants }: Choices): JsonSchema {
  const words = [...(canRetry ? ["retry"] : []), ...(skip === undefined ? [] : ["skip"]), "stop"];
  const [name = ""] = wants?.path ?? [];
  return {
    anyOf: [
      { enum: words },
      ...(wants === undefined ? [] : [objectOf(name, schemaOfField(wants))]),
      ...(value === undefined ? [] : [objectOf("value", value)]),
    ],
  };
}

function schemaOfField({ type, options }: MeantField): JsonSchema {
  return { ...(type === "any" ? {} : { type }), ...(options === undefined ? {} : { enum: options }) };
}

function objectOf(name: string, schema: JsonSchema): JsonSchema {
  return { type: "object", properties: { [name]: schema }, required: [name] };
}

/** In words, one sentence. */
export function choicesText({ canRetry, skip, value, wants }: Choices): string {
  const others = skip === undefined || skip.length === 0 ? "" : ` and without ${skip.join(", ")}`;
  const gives = value === undefined ? undefined : `value=… for what it should have given${fieldsText(value)}`;
  const [name] = wants?.path ?? [];
  return listed([
    ...(canRetry ? ['"retry" to try it again'] : []),
    ...(skip === undefined ? [] : [`"skip" to go on without it${others}`]),
    '"stop" to end here',
    ...(name === undefined ? [] : [`${name}=… to try it with another ${name}`]),
    ...(gives === undefined ? [] : [gives]),
  ]);
}

/** Fields named in a question. */
const MAX_FIELDS = 5;

function fieldsText({ properties }: JsonSchema): string {
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  return names.length === 0 ? "" : ` (${names.slice(0, MAX_FIELDS).join(", ")})`;
}

function listed(parts: readonly string[]): string {
  const before = parts.slice(0, -1).join(", ");
  return `Answer ${before === "" ? "" : `${before}, or `}${parts.at(-1) ?? ""}.`;
}

export type Said = Cause | { readonly kind: "stopped"; readonly step: string };

const WORDS: Readonly<Record<string, "retry" | "skip" | "stop">> = {
  ...{ retry: "retry", again: "retry", "try again": "retry", repeat: "retry" },
  ...{ skip: "skip", "leave it out": "skip", "leave out": "skip", without: "skip", "skip it": "skip" },
  ...{ stop: "stop", cancel: "stop", "give up": "stop", end: "stop", abort: "stop" },
};

/** Undefined where it is none of what the step can go on with. */
export function meantBy(answer: Json, id: string, situation: Situation): Said | undefined {
  const choices = choicesFor(id, situation);
  const word = wordIn(answer);
  if (word === "retry") return choices.canRetry ? { kind: "retried", step: id } : undefined;
  if (word === "stop") return { kind: "stopped", step: id };
  if (word === "skip") return choices.skip === undefined ? undefined : { kind: "skipped", step: id };
  return argumentIn(answer, id, { choices, situation }) ?? valueIn(answer, id, choices);
}

function wordIn(answer: Json): "retry" | "skip" | "stop" | undefined {
  const text = isJsonObject(answer) && Object.keys(answer).length === 1 ? answer["do"] : answer;
  const said =
    typeof text === "string"
      ? text
          .trim()
          .toLowerCase()
          .replace(/[.!]+$/u, "")
      : "";
  return Object.hasOwn(WORDS, said) ? WORDS[said] : undefined;
}

interface Around {
  readonly choices: Choices;
  readonly situation: Situation;
}

/** One argument by its name, or the one that is asked about. */
function argumentIn(answer: Json, id: string, { choices, situation }: Around): Said | undefined {
  const named = isJsonObject(answer) ? namedIn(answer, id, { choices, situation }) : undefined;
  const { field, said } = named ?? { field: isJsonObject(answer) ? undefined : choices.wants, said: answer };
  const value = field === undefined ? undefined : asWanted(said, field);
  if (field === undefined || value === undefined) return undefined;
  return { kind: "informed", step: id, parameter: field.path[0] ?? "", value };
}

/** Undefined where it is what the step should have given. */
function namedIn(answer: JsonObject, id: string, { choices: { value }, situation }: Around) {
  const [only, ...others] = Object.entries(answer);
  if (only === undefined || others.length > 0) return undefined;
  if (value !== undefined && fitting(answer, value) !== undefined) return undefined;
  const [name, said] = only;
  return { field: fieldNamed(name, entryFor(situation.steps[id] ?? {}, situation)), said };
}

function fieldNamed(name: string, entry: CatalogEntry | undefined): MeantField | undefined {
  return entry?.parameters.find(({ path }) => path.length === 1 && path[0] === name);
}

function valueIn(answer: Json, id: string, { value: schema }: Choices): Said | undefined {
  if (schema === undefined) return undefined;
  const inside = isJsonObject(answer) && Object.keys(answer).length === 1 ? answer["value"] : undefined;
  const value = [inside, answer].flatMap((one) => (one === undefined ? [] : [fitting(one, schema)]));
  const given = value.find((one) => one !== undefined);
  return given === undefined ? undefined : { kind: "given", step: id, value: given };
}

/** What was said as the schema has it: a person writes numbers as texts, and the only field of an object without its name. */
function fitting(said: Json, schema: JsonSchema): Json | undefined {
  const { properties } = schema;
  const fields = isJsonObject(properties) ? properties : {};
  const names = Object.keys(fields);
  const [only] = names;
  const whole = isJsonObject(said) ? [byField(said, fields)] : [];
  const wrapped =
    only !== undefined && names.length === 1 && !isJsonObject(said) ? [byField({ [only]: said }, fields)] : [];
  return [...asData(said), said, ...whole, ...readings(said), ...wrapped].find(
    (one) => violationsOf(schema, one).length === 0,
  );
}

function byField(said: JsonObject, fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(said).map(([name, value]) => {
      const schema = fields[name];
      return [name, isJsonObject(schema) ? (fitting(value, schema) ?? value) : value] as const;
    }),
  );
}

/** Of a text that writes an object or a list. */
function asData(said: Json): readonly Json[] {
  if (typeof said !== "string" || !/^\s*[[{]/.test(said)) return [];
  try {
    const { data } = json.safeParse(JSON.parse(said));
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
}
