import { isJsonObject, type Json } from "#events/json.ts";
import { toJsonOutput } from "#src/tools/json-output.ts";

// JSON out of a model's answer. Models put it in fences and talk around it; what is meant is looked for, never mended: a
// value that was cut or has a comma too many is asked for again.
//
// J1. The work is linear in the answer: few places are tried, each once.
// J2. A key `__proto__` makes no value: what comes out has none.

export type AnswerJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

const MAX_CANDIDATES = 8;
/** Values within the answer: each is looked at several times later. */
const MAX_VALUES = 50_000;
const FENCE = /```[A-Za-z0-9_-]*[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```/g;

export function jsonOfAnswer(text: string): AnswerJson {
  const candidates = candidatesOf(text);
  for (const candidate of candidates) {
    const found = parsed(candidate);
    if (found !== undefined) return bounded(found.value);
  }
  const problem = candidates.length === 1 ? "the answer holds no JSON" : `no part of the answer is JSON`;
  return { ok: false, problem: `${problem}: ${whyNot(candidates.at(-1) ?? text)}` };
}

/** The whole, what stands in fences, and from the first bracket to where it closes, in this order. */
function candidatesOf(text: string): readonly string[] {
  const whole = text.replace(/^\uFEFF/, "").trim();
  const fenced = [...whole.matchAll(FENCE)].map(([, inner = ""]) => inner.trim());
  const bracketed = [...topValues(whole)];
  // Of several the largest is the answer, the others are what it talks about.
  const largestFirst = [...fenced, ...bracketed].toSorted((one, other) => other.length - one.length);
  return [...new Set([whole, ...largestFirst])].filter((part) => part !== "").slice(0, MAX_CANDIDATES);
}

/** Objects and lists that stand in a text, not those within each other. */
function* topValues(text: string): Generator<string> {
  let from = 0;
  for (let found = 0; found < MAX_CANDIDATES; found++) {
    const start = text.slice(from).search(/[{[]/);
    if (start < 0) return;
    const end = closing(text, from + start);
    // What never closes may hold one that does, but not the one that was meant.
    if (end === undefined) return;
    yield text.slice(from + start, end);
    from = end;
  }
}

/** Behind the bracket that closes the one at `start`. */
function closing(text: string, start: number): number | undefined {
  const marks = /["[\]{}]/g;
  marks.lastIndex = start;
  let depth = 0;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const [mark] = found;
    if (mark === '"') marks.lastIndex = endOfString(text, found.index);
    else depth += mark === "{" || mark === "[" ? 1 : -1;
    if (depth === 0) return found.index + 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === '"') return index + 1;
  }
  return text.length;
}

/** Undefined for what is no JSON. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function whyNot(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function bounded(value: unknown): AnswerJson {
  const json = toJsonOutput(value);
  if (!json.ok) return { ok: false, problem: `the answer cannot be used: ${json.message}` };
  const flaw = flawOf(json.value);
  return flaw === undefined ? { ok: true, value: json.value } : { ok: false, problem: flaw };
}

function flawOf(value: Json): string | undefined {
  const waiting: unknown[] = [value];
  for (let seen = 0; waiting.length > 0; seen++) {
    if (seen > MAX_VALUES) return `the answer has more than ${MAX_VALUES} values`;
    const part = waiting.pop();
    if (Array.isArray(part)) for (const item of part) waiting.push(item);
    else if (isJsonObject(part)) {
      if (Object.hasOwn(part, "__proto__")) return 'a property cannot be called "__proto__"';
      for (const item of Object.values(part)) waiting.push(item);
    }
  }
  return undefined;
}
