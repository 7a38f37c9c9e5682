import { int64 } from "#machines/expressions/arithmetic.ts";
import { BOOL, DOUBLE, DYN, INT, STRING } from "#machines/expressions/expression-type.ts";
import { ANY, FLAG, invalid, NUMBER, SPAN, TEXT, TIME, unary } from "#machines/expressions/functions/declaration.ts";
import type { FunctionDeclaration, Parameter } from "#machines/expressions/functions/declaration.ts";
import { kindOf } from "#machines/expressions/value.ts";
import type { Value } from "#machines/expressions/value.ts";
import { durationText, timestampText } from "#machines/expressions/value-output.ts";

// From one kind to another, and rounding. A conversion that would lose meaning is an error, never a guess:
// a text is a number only as a whole, and of texts only `true` and `false` are booleans.

const MS_PER_SECOND = 1_000;
const MAX_NUMBER_CHARS = 64;

export const conversionFunctions: readonly FunctionDeclaration[] = [
  unary({ name: "int", parameters: [NUMBER], result: INT }, (number) => whole(number, (value) => Math.trunc(value))),
  unary({ name: "int", parameters: [TEXT], result: INT }, parseInteger),
  unary({ name: "int", parameters: [TIME], result: INT }, (time) => BigInt(Math.floor(time.epochMs / MS_PER_SECOND))),
  unary({ name: "double", parameters: [NUMBER], result: DOUBLE }, Number),
  unary({ name: "double", parameters: [TEXT], result: DOUBLE }, parseDouble),
  toString(TEXT, (text) => text),
  toString(FLAG, String),
  toString(NUMBER, String),
  toString(TIME, timestampText),
  toString(SPAN, durationText),
  unary({ name: "bool", parameters: [FLAG], result: BOOL }, (flag) => flag),
  unary({ name: "bool", parameters: [TEXT], result: BOOL }, parseBool),
  unary({ name: "dyn", parameters: [ANY], result: DYN }, (value) => value),
  unary({ name: "type", parameters: [ANY], result: STRING }, kindOf),
  unary({ name: "abs", parameters: [NUMBER], result: ([type]) => type ?? DOUBLE }, absolute),
  rounding("round", (number) => Math.round(number)),
  rounding("floor", (number) => Math.floor(number)),
  rounding("ceil", (number) => Math.ceil(number)),
];

function toString<T>(parameter: Parameter<T>, text: (value: T) => string): FunctionDeclaration {
  return unary({ name: "string", parameters: [parameter], result: STRING }, text);
}

function rounding(name: string, round: (number: number) => number): FunctionDeclaration {
  return unary({ name, parameters: [NUMBER], result: INT }, (number) => whole(number, round));
}

function whole(number: number | bigint, round: (value: number) => number): bigint {
  if (typeof number === "bigint") return number;
  if (!Number.isFinite(number)) throw invalid(`${number} has no int`);
  return int64(BigInt(round(number)));
}

function parseInteger(text: string): Value {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw invalid("int: the text is no whole number");
  return int64(BigInt(text));
}

function parseDouble(text: string): Value {
  const number =
    text.length <= MAX_NUMBER_CHARS && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(number)) throw invalid("double: the text is no number");
  return number;
}

function parseBool(text: string): Value {
  if (text !== "true" && text !== "false") throw invalid("bool: the text is neither true nor false");
  return text === "true";
}

function absolute(number: number | bigint): Value {
  if (typeof number === "number") return Math.abs(number);
  return int64(number < 0n ? -number : number);
}
