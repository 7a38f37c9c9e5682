import { ANSWER_WORDS } from "#machines/response/answer-forms.ts";

// The words of the plan language, by what they stand in. Words of later versions of the language are known by name, so
// that a plan which uses one is told so instead of being told that it misspelled something.

export const KINDS = ["tool", "value", "wait", "each", "repeat", "call", "signal", "approve"] as const;
export type Kind = (typeof KINDS)[number];

const ANY_STEP = ["description", "needs", "join", "when", "deadline", "fallback", "estimate", "priority"];

/** What a mapping of the plan may hold: words of today, and words that are not available yet. */
export interface Vocabulary {
  /** `a tool step`: how messages call it. */
  readonly name: string;
  readonly words: readonly string[];
  readonly later: readonly string[];
}

const step = (kind: Kind, words: readonly string[]): Vocabulary => ({
  name: `a ${kind} step`,
  words: [kind, ...words, ...ANY_STEP],
  later: [],
});

export const PLAN: Vocabulary = {
  name: "a plan",
  words: [
    ...["plan", "version", "description", "inputs", "steps", "outputs", "returns", "respond"],
    ...["onFailure", "deadline", "pauseStopsClock", "replan"],
  ],
  later: [],
};

/** A response by how the plan ends. */
export const ANSWERS: Vocabulary = { name: "respond", words: ANSWER_WORDS, later: [] };

export const STEPS: Readonly<Record<Kind, Vocabulary>> = {
  tool: step("tool", [
    ...["with", "retry", "timeout", "idempotent", "isolate", "unknown", "undo", "irreversible"],
    ...["pool", "key", "uses", "revises", "returns"],
  ]),
  value: step("value", []),
  wait: step("wait", []),
  each: step("each", ["as", "do", "concurrency", "tolerate"]),
  repeat: step("repeat", ["until", "max"]),
  call: step("call", ["with"]),
  signal: step("signal", []),
  approve: step("approve", []),
};

/** Steps inside a step, where there are several. */
export const BLOCK: Vocabulary = { name: "a block of steps", words: ["steps", "output"], later: [] };

export const UNDO: Vocabulary = {
  name: "undo",
  words: ["tool", "with", "timeout", "idempotent", "isolate", "retry"],
  later: [],
};

export const REPLAN: Vocabulary = {
  name: "replan",
  words: ["tool", "with", "timeout", "idempotent", "isolate", "retry", "max"],
  later: [],
};

/** What stands behind `unknown` where a tool looks. */
export const UNKNOWN: Vocabulary = { name: "unknown", words: ["verify", "done", "output"], later: [] };

export const VERIFY: Vocabulary = { name: "verify", words: ["tool", "with", "timeout", "isolate"], later: [] };

export const APPROVE: Vocabulary = { name: "approve", words: ["role", "approvers", "show", "expires"], later: [] };

export const JOIN: Vocabulary = { name: "join", words: ["first"], later: [] };

export const RETRY: Vocabulary = {
  name: "retry",
  words: ["attempts", "delay", "backoff", "jitter", "maxDelay", "budget", "on"],
  later: [],
};

export const RETRY_ON: Vocabulary = { ...RETRY, name: "retry.on", words: RETRY.words.slice(0, 5) };

export const WAIT: Vocabulary = { name: "wait", words: ["for", "until"], later: [] };

export const FALLBACK: Vocabulary = {
  name: "a fallback",
  words: ["tool", "with", "timeout", "idempotent", "isolate", "value", "on"],
  later: ["call", "approve", "signal"],
};

/** An input is a JSON Schema with three words more: `default`, `description` and `secret`. */
export const SCHEMA: Vocabulary = {
  name: "a schema",
  words: [
    ...["type", "enum", "const", "title", "description", "examples", "format"],
    ...["items", "minItems", "maxItems", "uniqueItems"],
    ...["properties", "required", "additionalProperties", "minProperties", "maxProperties"],
    ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
    ...["minLength", "maxLength", "pattern", "anyOf", "oneOf"],
  ],
  later: [],
};

export const INPUT: Vocabulary = { name: "an input", words: [...SCHEMA.words, "default", "secret"], later: [] };
