import type { Json, JsonObject } from "#events/json.ts";
import type { Block } from "./block.ts";
import type { Anything } from "./given.ts";
import { reference } from "./template.ts";
import type { Ref } from "./template.ts";
import type { Alternative, AnyStep, Condition, ToolCall } from "./words.ts";

// The words of a step as the language has them: steps become their ids, templates their texts, calls beside the step's own
// are written out. A word that is not named here holds no template and stays as it is.

/** The words that are more than data; the compiler has checked their types where they were written. */
interface TellingWords {
  readonly needs: readonly AnyStep[];
  readonly when: Condition;
  readonly fallback: readonly Alternative<unknown>[];
  readonly with: object;
  readonly key: Anything;
  readonly unknown: string | Verification;
  readonly undo: (output: Ref<never>) => ToolCall<unknown>;
}

interface Verification {
  readonly verify: ToolCall<unknown>;
  readonly done: (output: Ref<never>) => Condition;
  readonly output?: (output: Ref<never>) => Anything;
}

type Writers = { readonly [W in keyof TellingWords]: (value: TellingWords[W], block: Block) => Json };

const WRITERS: Writers = {
  needs: (steps) => steps.map(({ id }) => id),
  when: (condition, block) => block.written(condition),
  fallback: (alternatives, block) =>
    alternatives.map((alternative) =>
      "tool" in alternative ? writtenCall(alternative, block) : writtenValue(alternative, block),
    ),
  with: (given, block) => block.mapping(given),
  key: (key, block) => block.written(key),
  unknown: (policy, block) => (typeof policy === "string" ? policy : writtenVerification(policy, block)),
  undo: (call, block) => {
    const { inner, output } = withOutput(block);
    return writtenCall(call(output), inner);
  },
};

/** What is undefined is left out. */
export function writtenWords(words: object, block: Block): JsonObject {
  const given = Object.entries(words).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([word, value]) => [word, writtenWord(word, value, block)]));
}

function writtenWord(word: string, value: unknown, block: Block): Json {
  const writers: Readonly<Record<string, (value: never, block: Block) => Json>> = WRITERS;
  const write = Object.hasOwn(WRITERS, word) ? writers[word] : undefined;
  return write === undefined ? (value as Json) : write(value as never, block);
}

function writtenCall({ tool, words }: ToolCall<unknown>, block: Block): JsonObject {
  return { tool, ...writtenWords(words, block) };
}

function writtenValue({ value, on }: Extract<Alternative<unknown>, { readonly value: unknown }>, block: Block) {
  return { value: block.written(value), ...(on === undefined ? {} : { on: [...on] }) };
}

function writtenVerification({ verify, done, output: gives }: Verification, block: Block): JsonObject {
  const { inner, output } = withOutput(block);
  return {
    verify: writtenCall(verify, block),
    done: inner.written(done(output)),
    ...(gives === undefined ? {} : { output: inner.written(gives(output)) }),
  };
}

/** Where `output` is what a tool gave. */
function withOutput(block: Block): { readonly inner: Block; readonly output: Ref<never> } {
  const inner = block.inside(["output"]);
  return { inner, output: reference("output", [inner.origin("output")]) };
}
