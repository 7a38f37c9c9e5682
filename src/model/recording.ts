import type { AnswerForm, ModelFailure, ModelMessage, ModelUsage } from "#src/ports/model.ts";
import { boundedText } from "#src/tools/bounded-text.ts";
import { blotOutText, MIN_REDACTED_CHARS } from "#src/tools/redaction.ts";

// What was said to a model and what it said, for whoever keeps it: a fact, a log, a test.
//
// R1. Texts are bounded, and secrets that are known to whoever records are blotted out before anything is cut, so that no half
//     of one is left.

const MAX_PROMPT_BYTES = 64 * 1_024;
const MAX_ANSWER_BYTES = 64 * 1_024;
const MAX_MESSAGES = 100;

/** One exchange. */
export interface ModelRecord {
  /** The plan and its step that asked: `PLAN/STEP`. */
  readonly about?: string;
  readonly model: string;
  readonly prompt: readonly ModelMessage[];
  readonly form: AnswerForm;
  /** Undefined where the model gave none. */
  readonly answer?: string;
  readonly failure?: ModelFailure;
  /** What was wrong with the answer, as the model was told. */
  readonly problems?: readonly string[];
  readonly usage: ModelUsage;
  readonly ms: number;
  /** From 1. */
  readonly number: number;
}

export interface ModelRecorder {
  record(exchange: ModelRecord): void;
}

/** As it may be kept: bounded, and without the secrets. */
export function keptRecord(exchange: ModelRecord, secrets: Iterable<string> = []): ModelRecord {
  const known = new Set([...secrets].filter((secret) => secret.length >= MIN_REDACTED_CHARS));
  const kept = (text: string, maxBytes: number): string => boundedText(blotOutText(text, known), maxBytes);
  const { prompt, answer, failure, problems } = exchange;
  const share = Math.floor(MAX_PROMPT_BYTES / Math.max(1, Math.min(prompt.length, MAX_MESSAGES)));
  return {
    ...exchange,
    prompt: prompt.slice(0, MAX_MESSAGES).map(({ role, text }) => ({ role, text: kept(text, share) })),
    ...(answer === undefined ? {} : { answer: kept(answer, MAX_ANSWER_BYTES) }),
    ...(failure === undefined ? {} : { failure: { ...failure, message: kept(failure.message, MAX_ANSWER_BYTES) } }),
    ...(problems === undefined ? {} : { problems: problems.map((problem) => kept(problem, MAX_ANSWER_BYTES)) }),
  };
}
