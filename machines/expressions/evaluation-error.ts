// Why an expression gave no value. It is thrown inside this folder only: `evaluate` of a template turns it into a value.

export type EvaluationErrorCode =
  | "missing-input"
  | "missing-output"
  | "missing-variable"
  | "no-such-key"
  | "index-out-of-range"
  | "type-mismatch"
  | "invalid-argument"
  | "division-by-zero"
  | "integer-overflow"
  | "not-finite"
  | "not-json"
  | "limit-exceeded"
  | "internal";

export class EvaluationError extends Error {
  readonly code: EvaluationErrorCode;

  constructor(code: EvaluationErrorCode, message: string) {
    super(message);
    this.name = "EvaluationError";
    this.code = code;
  }
}

/** CEL's logical operators and quantifiers forgive an error where the other operand decides; never a spent budget. */
export function isForgivable(error: unknown): error is EvaluationError {
  return error instanceof EvaluationError && error.code !== "limit-exceeded";
}
