import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { chargeChars, chargeElements } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import {
  durationOf,
  isDuration,
  isList,
  isNumber,
  isTimestamp,
  kindOf,
  timestampOf,
} from "#machines/expressions/value.ts";
import type { Timestamp, Value } from "#machines/expressions/value.ts";

// + - * / % and the unary minus. Int with int gives an int of 64 bits (division truncates); a double with either gives a
// double (IEEE 754, so a division by 0.0 is an infinity, which fails when it would leave as JSON). But a zero that divides
// has no sign: data loses it where it is stored, and the same expression must give the same before and after that.

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
/** The years 0001 to 9999, as in protobuf. */
const MIN_EPOCH_MS = -62_135_596_800_000;
const MAX_EPOCH_MS = 253_402_300_799_999;

const ints: Readonly<Record<ArithmeticOperator, (left: bigint, right: bigint) => bigint>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / nonZero(right),
  "%": (left, right) => left % nonZero(right),
};

const doubles: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / (right === 0 ? 0 : right),
  "%": (left, right) => left % right,
};

export interface Operands {
  readonly left: Value;
  readonly right: Value;
}

export function calculate(meter: Meter, operator: ArithmeticOperator, { left, right }: Operands): Value {
  if (isNumber(left) && isNumber(right)) {
    return typeof left === "bigint" && typeof right === "bigint"
      ? int64(ints[operator](left, right))
      : doubles[operator](Number(left), Number(right));
  }
  const result = operator === "+" ? add(meter, left, right) : operator === "-" ? subtract(left, right) : undefined;
  if (result !== undefined) return result;
  throw new EvaluationError("type-mismatch", `there is no ${kindOf(left)} ${operator} ${kindOf(right)}`);
}

export function negate(value: Value): Value {
  if (typeof value === "bigint") return int64(-value);
  if (typeof value === "number") return -value;
  if (isDuration(value)) return durationOf(-value.ms);
  throw new EvaluationError("type-mismatch", `there is no - ${kindOf(value)}`);
}

/** The value, if 64 bits hold it; else throws `integer-overflow`. */
export function int64(value: bigint): bigint {
  if (value >= MIN_INT && value <= MAX_INT) return value;
  throw new EvaluationError("integer-overflow", "the int is beyond 64 bits");
}

/** Throws `invalid-argument` outside the years 0001 to 9999. */
export function timestampAt(epochMs: number): Timestamp {
  if (epochMs >= MIN_EPOCH_MS && epochMs <= MAX_EPOCH_MS) return timestampOf(Math.trunc(epochMs));
  throw new EvaluationError("invalid-argument", "the timestamp is outside the years 0001 to 9999");
}

function add(meter: Meter, left: Value, right: Value): Value | undefined {
  if (typeof left === "string" && typeof right === "string") {
    chargeChars(meter, left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right)) {
    chargeElements(meter, left.length + right.length);
    return [...left, ...right];
  }
  return addTimes(left, right);
}

function addTimes(left: Value, right: Value): Value | undefined {
  if (isDuration(left) && isDuration(right)) return durationOf(left.ms + right.ms);
  if (isTimestamp(left) && isDuration(right)) return timestampAt(left.epochMs + right.ms);
  if (isDuration(left) && isTimestamp(right)) return timestampAt(left.ms + right.epochMs);
  return undefined;
}

function subtract(left: Value, right: Value): Value | undefined {
  if (isTimestamp(left) && isTimestamp(right)) return durationOf(left.epochMs - right.epochMs);
  if (isTimestamp(left) && isDuration(right)) return timestampAt(left.epochMs - right.ms);
  if (isDuration(left) && isDuration(right)) return durationOf(left.ms - right.ms);
  return undefined;
}

function nonZero(divisor: bigint): bigint {
  if (divisor !== 0n) return divisor;
  throw new EvaluationError("division-by-zero", "an int is divided by zero");
}
