import type { ErrorCategory } from "#events/errors.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// The border to a language model: one exchange, a prompt and its answer. Asking again, budgets and the shape of an answer are
// the business of who asks (src/model/ask.ts), and the same for every model.
// The real adapter and the scripted twin pass test/contracts/model.ts.
//
// M1. What a model does not give is a value: refusals, limits, outages and broken streams are expected of it. Thrown are the
//     signal's reason, and faults of how it is set up: a package that is missing, a key that cannot be read.
// M2. An answer is text that nobody has looked at. It is data, and never evaluated.
// M3. Nothing that comes out (answers, failures, what is told on the way) has the model's key in it.
// M4. An answer ends: at `maxOutputTokens`, at a bound of bytes where the other side keeps no count, or with the signal.

export interface ModelMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

/** What form an answer can be asked for: JSON of a schema, some JSON, or text whatever is asked for. */
export type AnswerForm = "schema" | "json" | "text";

export interface ModelRequest {
  /** Those of the system come first. At least one is of the user. */
  readonly messages: readonly ModelMessage[];
  /** The provider is asked to hold the answer to it; whether it does is for the asker to check. Default: text. */
  readonly form?: { readonly kind: "json"; readonly schema?: JsonSchema };
  readonly maxOutputTokens: number;
  readonly temperature?: number;
}

export interface ModelCall {
  readonly signal: AbortSignal;
  /** Told each piece of the answer as it comes, in order; together they are its text. */
  readonly onText?: (piece: string) => void;
}

/** Tokens as the provider counts them, or as they are estimated where it does not say. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly isEstimated: boolean;
}

export interface ModelFailure {
  readonly category: ErrorCategory;
  /** Stable: `model-rate-limited`, `model-refused`, … */
  readonly code: string;
  /** For people; bounded, and without any secret. */
  readonly message: string;
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs?: number;
}

export type ModelAnswer =
  | {
      readonly ok: true;
      readonly text: string;
      readonly usage: ModelUsage;
      /** As the provider names the model that answered. */
      readonly model: string;
      /** `length`: the answer was cut at `maxOutputTokens`. */
      readonly finish: "stop" | "length";
    }
  | { readonly ok: false; readonly failure: ModelFailure; readonly usage: ModelUsage };

export interface Model {
  /** What it is, for records and messages: `anthropic/claude-…`. */
  readonly name: string;
  /** The best form that it can be asked for. */
  readonly form: AnswerForm;
  /** Faults: `model-package-missing`, `model-key-missing`, those of secrets, and those of a recording; the signal's reason. */
  generate(request: ModelRequest, call: ModelCall): Promise<ModelAnswer>;
}
