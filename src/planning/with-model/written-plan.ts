import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { jsonOfAnswer } from "#src/model/answer-json.ts";

// What a model has written, read without believing any of it: steps with ids, tools and where their arguments come from. Whether tools and
// steps of these names exist is found out elsewhere.
//
// W1. Only the fields that are named here are read, as own properties; names go into maps.
// W2. What is not understood is a problem in words that the model can mend, with its place.

export const MAX_STEPS = 32;
const MAX_ARGUMENTS = 64;
const MAX_PARTS = 64;
const MAX_NEEDS = 32;
const MAX_PATH = 16;
const MAX_NAME_CHARS = 256;
const MAX_ASK_CHARS = 500;
const MAX_REFUSAL_CHARS = 1_000;

export interface WrittenPart {
  readonly step: string;
  /** A number is the place in a list. */
  readonly path: readonly (string | number)[];
}

export type WrittenSource =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "output"; readonly part: WrittenPart }
  | { readonly kind: "text"; readonly parts: readonly (string | WrittenPart)[] }
  | { readonly kind: "ask"; readonly question: string };

export interface WrittenStep {
  readonly id: string;
  readonly tool: string;
  readonly after: readonly string[];
  readonly arguments: ReadonlyMap<string, WrittenSource>;
}

export type WrittenPlan =
  | { readonly kind: "steps"; readonly steps: readonly WrittenStep[] }
  | { readonly kind: "refusal"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly problems: readonly string[] };

export function readPlan(value: Json): WrittenPlan {
  if (!isJsonObject(value)) return unreadable(["the answer is an object with refusal and steps"]);
  const refusal = own(value, "refusal");
  const steps = own(value, "steps") ?? [];
  if (!isJsonList(steps)) return unreadable(["steps: a list is wanted"]);
  if (steps.length > MAX_STEPS)
    return unreadable([`steps: there are ${steps.length}, and at most ${MAX_STEPS} may be`]);
  const reason = typeof refusal === "string" ? refusal.trim() : "";
  if (steps.length === 0) return reason === "" ? unreadable([NOTHING]) : refused(reason);
  if (reason !== "") return unreadable(["there are steps and a refusal: leave out one of them"]);
  const problems: string[] = [];
  const read = steps.map((step, at) => readStep(step, `steps[${at}]`, problems));
  return problems.length > 0
    ? unreadable(problems)
    : { kind: "steps", steps: read.filter((step) => step !== undefined) };
}

const NOTHING = "there are no steps: write them, or say in refusal why no tool fits";

function unreadable(problems: readonly string[]): WrittenPlan {
  return { kind: "unreadable", problems };
}

function refused(reason: string): WrittenPlan {
  return { kind: "refusal", reason: reason.slice(0, MAX_REFUSAL_CHARS) };
}

function readStep(value: Json, place: string, problems: string[]): WrittenStep | undefined {
  if (!isJsonObject(value)) {
    problems.push(`${place}: an object is wanted`);
    return undefined;
  }
  const id = readName(value, "id", { place, problems });
  const tool = readName(value, "tool", { place, problems });
  const after = own(value, "after") ?? [];
  if (!isJsonList(after) || after.length > MAX_NEEDS || !after.every((one) => typeof one === "string")) {
    problems.push(`${place}.after: a list of at most ${MAX_NEEDS} ids of steps is wanted`);
    return undefined;
  }
  const given = readArguments(own(value, "arguments") ?? {}, `${place}.arguments`, problems);
  return { id, tool, after, arguments: given };
}

interface Within {
  readonly place: string;
  readonly problems: string[];
}

function readName(value: JsonObject, field: string, { place, problems }: Within): string {
  const name = own(value, field);
  if (typeof name === "string" && name !== "" && name.length <= MAX_NAME_CHARS) return name;
  problems.push(`${place}.${field}: a text of 1 to ${MAX_NAME_CHARS} characters is wanted`);
  return "";
}

/** By name, or as a list of names and sources, where the schema has it so. */
function readArguments(value: Json, place: string, problems: string[]): ReadonlyMap<string, WrittenSource> {
  const entries = isJsonList(value) ? value.map(listed) : isJsonObject(value) ? Object.entries(value) : undefined;
  if (entries === undefined || entries.length > MAX_ARGUMENTS || entries.some((entry) => entry === undefined)) {
    problems.push(`${place}: at most ${MAX_ARGUMENTS} arguments by their names are wanted`);
    return new Map();
  }
  const read = new Map<string, WrittenSource>();
  for (const [name, given] of entries.filter((entry) => entry !== undefined)) {
    const at = `${place}.${name.slice(0, MAX_NAME_CHARS)}`;
    if (read.has(name)) problems.push(`${at}: it is given twice`);
    const source = readSource(given, { place: at, problems });
    if (source !== undefined) read.set(name, source);
  }
  return read;
}

function listed(value: Json): readonly [string, Json] | undefined {
  const name = isJsonObject(value) ? own(value, "name") : undefined;
  return isJsonObject(value) && typeof name === "string" ? [name, own(value, "source") ?? null] : undefined;
}

/** Undefined leaves the argument out. */
export function readSource(value: Json, within: Within): WrittenSource | undefined {
  if (value === null) return undefined;
  const [word, ...others] = isJsonObject(value) ? Object.keys(value) : [];
  // Models that are not held to the schema say a value as it is.
  if (!isJsonObject(value) || word === undefined || others.length > 0 || !Object.hasOwn(READERS, word))
    return { kind: "value", value };
  const problem = (wanted: string): WrittenSource | undefined => {
    within.problems.push(`${within.place}.${word}: ${wanted} is wanted`);
    return undefined;
  };
  return READERS[word]?.(own(value, word) ?? null, problem);
}

type Problem = (wanted: string) => WrittenSource | undefined;

const READERS: Readonly<Record<string, (value: Json, problem: Problem) => WrittenSource | undefined>> = {
  value: (value) => (value === null ? undefined : { kind: "value", value }),
  json: (value, problem) => {
    const parsed = typeof value === "string" ? jsonOfAnswer(value) : undefined;
    return parsed?.ok === true ? { kind: "value", value: parsed.value } : problem("a value, written as JSON,");
  },
  output: (value, problem) => {
    const part = partOf(value);
    return part === undefined ? problem(PART) : { kind: "output", part };
  },
  text: (value, problem) => {
    if (!isJsonList(value) || value.length > MAX_PARTS) return problem(`a list of at most ${MAX_PARTS} parts`);
    const parts = value.map((one) => (typeof one === "string" ? one : partOf(one)));
    return parts.every((part) => part !== undefined)
      ? { kind: "text", parts }
      : problem(`texts and parts, where ${PART},`);
  },
  ask: (value, problem) => {
    const question = typeof value === "string" ? value.trim() : "";
    return question === "" ? problem("a question") : { kind: "ask", question: question.slice(0, MAX_ASK_CHARS) };
  },
};

const PART = "the id of a step and a path into its output";

function partOf(value: Json): WrittenPart | undefined {
  if (!isJsonObject(value)) return undefined;
  const step = own(value, "step");
  const path = own(value, "path") ?? [];
  if (typeof step !== "string" || !isJsonList(path) || path.length > MAX_PATH) return undefined;
  return path.every(isPathName) ? { step, path } : undefined;
}

function isPathName(one: Json): one is string | number {
  return typeof one === "string" || (typeof one === "number" && Number.isInteger(one));
}

/** W1. */
function own(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
