import type { Json, JsonObject } from "#events/json.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call, OutputSource, Source } from "#src/planning/binding/source.ts";

// Several requests in one text: each is planned by itself, and one plan does them all, side by side. With one it is as if there were no
// others: nothing is numbered.

interface Part {
  readonly text: string;
  readonly calls: readonly Call[];
}

/** Texts one below the other, and calls one after the other, with all places in the whole. */
export function joined(parts: readonly Part[]): Part {
  const calls: Call[] = [];
  let text = "";
  for (const part of parts) {
    const start = text === "" ? 0 : text.length + 1;
    const before = calls.length;
    text = text === "" ? part.text : `${text}\n${part.text}`;
    calls.push(...part.calls.map((call) => movedCall(call, { start, before })));
  }
  return { text, calls };
}

interface Offset {
  /** In characters. */
  readonly start: number;
  /** In calls. */
  readonly before: number;
}

function movedCall({ arguments: given, after, ...call }: Call, offset: Offset): Call {
  const moved = Object.entries(given).map(([name, source]): [string, Source] => [name, movedSource(source, offset)]);
  return {
    ...call,
    arguments: Object.fromEntries(moved),
    ...(after === undefined ? {} : { after: after.map((one) => one + offset.before) }),
  };
}

function movedSource(source: Source, { start, before }: Offset): Source {
  const output = (one: OutputSource): OutputSource => ({ ...one, call: one.call + before });
  switch (source.kind) {
    case "output":
      return output(source);
    case "text":
      return { ...source, parts: source.parts.map((part) => (typeof part === "string" ? part : output(part))) };
    case "said":
    case "earlier":
      return { ...source, said: movedPlace(source.said, start) };
    case "default":
    case "habit":
    case "model":
      return source;
  }
}

function movedPlace({ from, to, words }: Said, start: number): Said {
  return { from: from + start, to: to + start, words };
}

/** Questions of one of them, so that no other has the same id. */
export function numberedQuestions(questions: readonly Question[], number: number | undefined): readonly Question[] {
  return number === undefined ? questions : questions.map((one) => ({ ...one, id: `${number}.${one.id}` }));
}

/** Of the answers, those to this one: by its number, or without any. */
export function answersOf(answers: JsonObject, number: number | undefined): JsonObject {
  if (number === undefined) return answers;
  const own = Object.entries(answers).flatMap(([id, value]): readonly [string, Json][] => {
    if (id.startsWith(`${number}.`)) return [[id.slice(`${number}.`.length), value]];
    return /^\d+\./.test(id) ? [] : [[id, value]];
  });
  return Object.fromEntries(own);
}
