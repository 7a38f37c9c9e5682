import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { DYN, mayBe, members, NEVER } from "#machines/expressions/expression-type.ts";
import type { ExpressionType, Kind } from "#machines/expressions/expression-type.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isDuration, isList, isMap, isNumber, isTimestamp } from "#machines/expressions/value.ts";
import type { Value, ValueMap } from "#machines/expressions/value.ts";

// How a function of the language is declared: once, with parameters that know both the types and the values they take.
// `f(x, y)` and `x.f(y)` are the same call. A function pays the meter before it works.

export interface FunctionDeclaration {
  readonly name: string;
  readonly parameters: readonly Parameter<unknown>[];
  readonly result: ResultType;
  /** As the documentation shows it. */
  readonly signature: string;
  /** Undefined where the arguments are not of the parameters' kinds. */
  attempt(values: readonly Value[], meter: Meter): Value | undefined;
}

type ResultType = ExpressionType | ((types: readonly ExpressionType[]) => ExpressionType);

export interface Parameter<T> {
  readonly text: string;
  readonly accepts: (type: ExpressionType) => boolean;
  readonly read: (value: Value | undefined) => T | undefined;
}

export const ANY = parameter<Value>("any", undefined, (value) => value);
export const TEXT = parameter("string", ["string"], (value) => (typeof value === "string" ? value : undefined));
export const FLAG = parameter("bool", ["bool"], (value) => (typeof value === "boolean" ? value : undefined));
export const LIST = parameter("list", ["list"], (value) => (isList(value) ? value : undefined));
export const MAP = parameter<ValueMap>("map", ["map"], (value) => (isMap(value) ? value : undefined));
export const NUMBER = parameter("number", ["int", "double"], (value) =>
  value !== undefined && isNumber(value) ? value : undefined,
);
/** A whole number, as an index or a count. */
export const INTEGER = parameter("int", ["int", "double"], readInteger);
export const TIME = parameter("timestamp", ["timestamp"], (value) => (isTimestamp(value) ? value : undefined));
export const SPAN = parameter("duration", ["duration"], (value) => (isDuration(value) ? value : undefined));

export interface Head<P> {
  readonly name: string;
  readonly parameters: P;
  readonly result: ResultType;
}

export function unary<A>(head: Head<[Parameter<A>]>, run: (a: A, meter: Meter) => Value): FunctionDeclaration {
  const [first] = head.parameters;
  return declare(head, (values, meter) => {
    const a = first.read(values[0]);
    return a === undefined ? undefined : run(a, meter);
  });
}

export function binary<A, B>(
  head: Head<[Parameter<A>, Parameter<B>]>,
  run: (args: readonly [A, B], meter: Meter) => Value,
): FunctionDeclaration {
  const [first, second] = head.parameters;
  return declare(head, (values, meter) => {
    const [a, b] = [first.read(values[0]), second.read(values[1])];
    return a === undefined || b === undefined ? undefined : run([a, b], meter);
  });
}

export function ternary<A, B, C>(
  head: Head<[Parameter<A>, Parameter<B>, Parameter<C>]>,
  run: (args: readonly [A, B, C], meter: Meter) => Value,
): FunctionDeclaration {
  const [first, second, third] = head.parameters;
  return declare(head, (values, meter) => {
    const [a, b, c] = [first.read(values[0]), second.read(values[1]), third.read(values[2])];
    return a === undefined || b === undefined || c === undefined ? undefined : run([a, b, c], meter);
  });
}

export function invalid(message: string): EvaluationError {
  return new EvaluationError("invalid-argument", message);
}

/** The type of the elements of the lists that the type may be. */
export function elementOf(type: ExpressionType | undefined): ExpressionType {
  if (type === undefined) return NEVER;
  const [list] = members(type).filter((member) => member.kind === "list");
  return list === undefined ? DYN : list.element();
}

function declare(
  head: Head<readonly Parameter<unknown>[]>,
  attempt: FunctionDeclaration["attempt"],
): FunctionDeclaration {
  const signature = `${head.name}(${head.parameters.map((one) => one.text).join(", ")})`;
  return { ...head, signature, attempt };
}

function parameter<T>(
  text: string,
  kinds: readonly Kind[] | undefined,
  read: (value: Value | undefined) => T | undefined,
): Parameter<T> {
  return { text, read, accepts: (type) => kinds === undefined || mayBe(type, kinds) };
}

function readInteger(value: Value | undefined): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}
