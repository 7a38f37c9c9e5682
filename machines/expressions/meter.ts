import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { MAX_LIST_ELEMENTS, MAX_TEXT_CHARS, MAX_WORK_UNITS } from "#machines/expressions/limits.ts";

// The budget of one evaluation. Every node, element and run of characters is charged before the work is done.

export interface Meter {
  unitsLeft: number;
}

const CHARS_PER_UNIT = 8;

export function charge(meter: Meter, units: number): void {
  meter.unitsLeft -= units;
  if (meter.unitsLeft >= 0) return;
  throw new EvaluationError("limit-exceeded", `the expression needs more than ${MAX_WORK_UNITS} units of work`);
}

/** Charges for a text about to be read or made, and refuses one above the limit. */
export function chargeChars(meter: Meter, chars: number): void {
  if (chars > MAX_TEXT_CHARS) {
    throw new EvaluationError(
      "limit-exceeded",
      `a text of ${chars} characters is above the limit of ${MAX_TEXT_CHARS}`,
    );
  }
  charge(meter, 1 + chars / CHARS_PER_UNIT);
}

/** Charges for a list about to be read or made, and refuses one above the limit. */
export function chargeElements(meter: Meter, elements: number): void {
  if (elements > MAX_LIST_ELEMENTS) {
    throw new EvaluationError("limit-exceeded", `a list of ${elements} is above the limit of ${MAX_LIST_ELEMENTS}`);
  }
  charge(meter, 1 + elements);
}
