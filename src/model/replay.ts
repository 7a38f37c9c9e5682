import { appendFile, readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { contentHash } from "#events/canonical.ts";
import { ERROR_CATEGORIES } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import { isJsonObject } from "#events/json.ts";
import type { AnswerForm, Model, ModelAnswer, ModelRequest } from "#src/ports/model.ts";
import { blotOut, MIN_REDACTED_CHARS } from "#src/tools/redaction.ts";

// A model's answers in a file, to be given again: a test that once ran with the real one runs without it.
//
// F1. A request is found by the hash of all that was asked. The same request asked again gets the next answer recorded for it,
//     and behind the last one the last.
// F2. In replay nothing is asked: what is not in the file is a fault that says so.
// F3. Secrets that are given are blotted out of a request before it is hashed and kept, so that with another key the same
//     request is found.

const MAX_RECORDING_BYTES = 64 * 1_024 * 1_024;

const usage = z.object({ inputTokens: z.number(), outputTokens: z.number(), isEstimated: z.boolean() });
const failure = z.object({
  category: z.enum(ERROR_CATEGORIES),
  code: z.string(),
  message: z.string(),
  retryAfterMs: z.number().exactOptional(),
});
const answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), text: z.string(), usage, model: z.string(), finish: z.enum(["stop", "length"]) }),
  z.object({ ok: z.literal(false), failure, usage }),
]) satisfies z.ZodType<ModelAnswer>;
const line = z.object({ key: z.string(), request: z.unknown(), answer });

export interface RecordingOptions {
  /** JSON lines. */
  readonly file: string;
  readonly secrets?: Iterable<string>;
}

/** Asks the model, and adds each exchange to the file. */
export function recordedModel(model: Model, options: RecordingOptions): Model {
  const secrets = knownSecrets(options);
  return {
    name: model.name,
    form: model.form,
    generate: async (request, call) => {
      const given = await model.generate(request, call);
      const kept = { key: keyOf(request, secrets), request: blotOut(plain(request), secrets), answer: given };
      await appendFile(options.file, `${JSON.stringify({ ...kept, answer: blotOut(given, secrets) })}\n`);
      return given;
    },
  };
}

export interface ReplayOptions extends RecordingOptions {
  readonly name: string;
  /** Default: schema. */
  readonly form?: AnswerForm;
}

/** Answers from the file alone. Faults: `model-recording-unreadable`; of an exchange `model-recording-missing`. */
export async function replayedModel({ name, form = "schema", ...options }: ReplayOptions): Promise<Model> {
  const secrets = knownSecrets(options);
  const answers = await readRecording(options.file);
  const asked = new Map<string, number>();
  return {
    name,
    form,
    generate: async (request, { signal, onText }) => {
      signal.throwIfAborted();
      const key = keyOf(request, secrets);
      const known = answers.get(key) ?? [];
      const number = asked.get(key) ?? 0;
      asked.set(key, number + 1);
      const given = known[Math.min(number, known.length - 1)];
      if (given === undefined) throw missing(options.file, key, request);
      if (given.ok) onText?.(given.text);
      return given;
    },
  };
}

async function readRecording(file: string): Promise<ReadonlyMap<string, readonly ModelAnswer[]>> {
  const text = await textOf(file);
  const answers = new Map<string, ModelAnswer[]>();
  for (const [index, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const { key, answer: given } = decode(written, `${file}:${index + 1}`);
    answers.set(key, [...(answers.get(key) ?? []), given]);
  }
  return answers;
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_RECORDING_BYTES) throw new Error(`it has more than ${MAX_RECORDING_BYTES} bytes`);
    return await readFile(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function decode(written: string, place: string): z.infer<typeof line> {
  try {
    return line.parse(JSON.parse(written));
  } catch (cause) {
    throw unreadable(place, cause);
  }
}

function unreadable(place: string, cause: unknown): Fault<"model-recording-unreadable"> {
  return new Fault("model-recording-unreadable", `the recording ${place} cannot be read`, { cause });
}

const SHOWN_PROMPT_CHARS = 200;

function missing(file: string, key: string, { messages }: ModelRequest): Fault<"model-recording-missing"> {
  const last = messages.at(-1)?.text.slice(0, SHOWN_PROMPT_CHARS) ?? "";
  const message = `${file} holds no answer to this request (${key}); record it again. It ends: ${JSON.stringify(last)}`;
  return new Fault("model-recording-missing", message);
}

function knownSecrets({ secrets = [] }: RecordingOptions): ReadonlySet<string> {
  return new Set([...secrets].filter((secret) => secret.length >= MIN_REDACTED_CHARS));
}

function keyOf(request: ModelRequest, secrets: ReadonlySet<string>): string {
  const asked = blotOut(plain(request), secrets);
  return contentHash(isJsonObject(asked) ? asked : {});
}

function plain(request: ModelRequest): unknown {
  return JSON.parse(JSON.stringify(request));
}
