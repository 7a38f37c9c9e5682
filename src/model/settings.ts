import { z } from "zod";
import { DURATION, parseDuration } from "#src/language/duration.ts";
import { secretPlace } from "#src/ports/secret-place.ts";
import { SECRET_NAME } from "#src/ports/secrets.ts";

// What the configuration says about language models: who serves them, where, and how much one call may take. No key stands in
// it; it is named by the place where it is kept.

const MAX_CHARS = 4_096;
const MAX_TOKENS = 100_000_000;
const MAX_TRIES = 20;
const MAX_OUTPUT_TOKENS = 1_000_000;

export const DEFAULT_MODEL = "default";

/** Tokens of one call, prompts and answers of all its tries together. */
const DEFAULT_MAX_TOKENS = 200_000;
/** Exchanges of one call: the first, and those after an answer that cannot be used or none at all. */
const DEFAULT_MAX_TRIES = 4;
const DEFAULT_OUTPUT_TOKENS = 8_192;
/** Of one exchange. */
const DEFAULT_TIMEOUT_MS = 120_000;
/** Of one call, with all its tries and the waits between them. */
const DEFAULT_MAX_TIME_MS = 600_000;

const text = z.string().min(1).max(MAX_CHARS);

export const durationWord = z
  .string()
  .regex(DURATION, { error: "a duration is a number and a unit: 500ms, 90s, 2m" })
  .refine((written) => (parseDuration(written) ?? 0) > 0, { error: "more than no time is possible here" });

const key = z.union(
  [z.strictObject({ $secret: z.string().max(MAX_CHARS).regex(SECRET_NAME) }), ...secretPlace.options],
  { error: "the key is named by its place: { env: VARIABLE }, { file: PATH } or { $secret: NAME }" },
);

/** Where a model's key is kept: among the secrets, in a variable of the environment, or in a file. */
export type KeyPlace = z.infer<typeof key>;

export const modelSettings = z.strictObject({
  provider: z
    .enum(["openai-compatible", "openai", "anthropic", "google"])
    .meta({ description: "Whose protocol is spoken; `openai-compatible` is that of most local servers." }),
  model: text.meta({ description: "The provider's name of the model." }),
  baseUrl: text
    .regex(/^https?:\/\/[^\s@/?#]+(?:\/[^\s?#@]*)?$/, {
      error: "a base URL is http(s)://HOST[:PORT][/PATH], without user, query and fragment",
    })
    .exactOptional()
    .meta({ description: "Where it is served, if not at its provider; `openai-compatible` has no other place." }),
  key: key.exactOptional().meta({ description: "Where the key is kept. A local server may want none." }),
  structured: z
    .enum(["schema", "json", "text"])
    .exactOptional()
    .meta({ description: "The best form of answers that it can be asked for. Default: schema." }),
  stream: z
    .boolean()
    .exactOptional()
    .meta({ description: "Whether answers come piece by piece; false for a server that gives whole ones only." }),
  maxTokens: z
    .int()
    .min(1)
    .max(MAX_TOKENS)
    .exactOptional()
    .meta({ description: "Tokens that one call of a model tool, or planning one plan, may take. Default: 200000." }),
  maxTries: z
    .int()
    .min(1)
    .max(MAX_TRIES)
    .exactOptional()
    .meta({ description: "Times that it is asked in one such call. Default: 4." }),
  maxOutputTokens: z
    .int()
    .min(1)
    .max(MAX_OUTPUT_TOKENS)
    .exactOptional()
    .meta({ description: "Tokens of one answer. Default: 8192." }),
  timeout: durationWord.exactOptional().meta({ description: "Of one exchange. Default: 2m." }),
  maxTime: durationWord.exactOptional().meta({ description: "Of one call with all its tries. Default: 10m." }),
});

export type ModelSettings = Readonly<z.infer<typeof modelSettings>>;

/** What one call may take. */
export interface ModelLimits {
  readonly maxTokens: number;
  readonly maxTries: number;
  readonly maxOutputTokens: number;
  readonly timeoutMs: number;
  readonly maxTimeMs: number;
}

export function limitsOf(settings: Partial<ModelSettings> = {}): ModelLimits {
  const { maxTokens, maxTries, maxOutputTokens, timeout = "", maxTime = "" } = settings;
  return {
    maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    maxTries: maxTries ?? DEFAULT_MAX_TRIES,
    maxOutputTokens: maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS,
    timeoutMs: parseDuration(timeout) ?? DEFAULT_TIMEOUT_MS,
    maxTimeMs: parseDuration(maxTime) ?? DEFAULT_MAX_TIME_MS,
  };
}
