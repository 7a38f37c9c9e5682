import { isJsonList, isJsonObject, type Json } from "#events/json.ts";
import { violationsOf, type Violation } from "#machines/expressions/json-schema-check.ts";
import { jsonOfAnswer } from "#src/model/answer-json.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { isSpelledAlike } from "#src/planning/with-model/step-order.ts";

// A value that a model gives for an argument, as the tool's schema wants it: as it is, or turned into another type without losing anything.
//
// F1. Nothing is rounded, cut or guessed: "3" becomes 3 and 3 becomes "3", "3 km" stays what it is and does not fit.

export type Fitted =
  | { readonly ok: true; readonly value: Json; readonly isTurned: boolean }
  | { readonly ok: false; readonly why: string };

export function fitted(value: Json, parameter: MeantField, entry: CatalogEntry): Fitted {
  const name = parameter.path[0] ?? "";
  const violations = violationsAt(entry, name, value);
  const [first] = violations;
  if (first === undefined) return { ok: true, value, isTurned: false };
  const turned = turnedInto(value, parameter).find((one) => violationsAt(entry, name, one).length === 0);
  return turned === undefined ? { ok: false, why: first.message } : { ok: true, value: turned, isTurned: true };
}

/** Whether a secret is named anywhere in it. */
export function namesSecret(value: Json): boolean {
  if (isJsonList(value)) return value.some(namesSecret);
  return isJsonObject(value) && Object.entries(value).some(([name, inner]) => name === "$secret" || namesSecret(inner));
}

function violationsAt({ inputSchema }: CatalogEntry, name: string, value: Json): readonly Violation[] {
  return violationsOf(inputSchema, { [name]: value }).filter(({ path }) => path[0] === name);
}

function turnedInto(value: Json, { options = [] }: MeantField): readonly Json[] {
  if (typeof value === "number" || typeof value === "boolean") return [String(value), [value]];
  if (typeof value !== "string") return [];
  const option = options.filter((one) => typeof one === "string" && isSpelledAlike(one, value));
  return [
    ...(option.length === 1 ? option : []),
    ...numberOf(value),
    ...truthOf(value),
    ...compositeOf(value),
    [value],
  ];
}

function numberOf(text: string): readonly number[] {
  const number = Number(text);
  return text.trim() !== "" && String(number) === text.trim() ? [number] : [];
}

function truthOf(text: string): readonly boolean[] {
  const word = text.trim().toLowerCase();
  return word === "true" || word === "false" ? [word === "true"] : [];
}

function compositeOf(text: string): readonly Json[] {
  if (!/^\s*[[{]/.test(text)) return [];
  const read = jsonOfAnswer(text);
  return read.ok ? [read.value] : [];
}
