import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { Spent } from "#src/model/budget.ts";
import { failed } from "#src/model/failures.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { ARGUMENT_PARTS, argumentSchema, closed } from "#src/planning/with-model/answer-schema.ts";
import { argumentSource, type ArgumentPlace } from "#src/planning/with-model/argument-source.ts";
import { asked, type PlanAsking } from "#src/planning/with-model/asked.ts";
import { questionFor, type ModelCall, type ModelQuestion } from "#src/planning/with-model/mended-calls.ts";
import { ABOUT_DATA, dataSection } from "#src/planning/with-model/prompt-data.ts";
import type { Notes } from "#src/planning/with-model/step-order.ts";
import { argumentsOf, toolCard } from "#src/planning/with-model/tool-card.ts";
import { readSource } from "#src/planning/with-model/written-plan.ts";
import type { ModelFailure, ModelMessage } from "#src/ports/model.ts";

// A language model as who fills the gaps of a plan that was made without one: the calls and what is bound already stay as they are, and
// only arguments that are missing are asked for.
//
// B1. An argument is what it may be in a plan of the model: a value, a part of an earlier output, a text, or a question.
// B2. What the model cannot say either stays missing, with its question.

export interface BindingTask {
  readonly request: string;
  readonly context?: JsonObject;
  readonly calls: readonly ModelCall[];
  /** With all tools of the calls. */
  readonly entries: readonly CatalogEntry[];
}

export type ModelBinding = { readonly spent: Spent; readonly repairs: readonly string[] } & (
  | {
      readonly kind: "bound";
      readonly calls: readonly ModelCall[];
      /** About what is still missing. */
      readonly questions: readonly ModelQuestion[];
    }
  | { readonly kind: "failed"; readonly failure: ModelFailure }
);

/** Rejects with the signal's reason alone. Asks nothing where nothing is missing. */
export async function argumentsByModel(task: BindingTask, asking: PlanAsking): Promise<ModelBinding> {
  const gaps = gapsOf(task).slice(0, MAX_GAPS);
  const { budget, maxOutputTokens } = asking;
  if (gaps.length === 0) return { kind: "bound", calls: task.calls, questions: [], repairs: [], spent: budget.spent };
  const question = {
    messages: messagesFor(task, gaps, asking.secrets),
    schema: schemaFor(gaps),
    accepts: { type: "object" },
    check: (value: Json) => filled(value, gaps, task).problems,
    maxOutputTokens,
  };
  const reply = await asked(question, asking);
  if (!reply.ok) return { kind: "failed", failure: reply.failure, repairs: [], spent: budget.spent };
  const { sources, questions, repairs, problems } = filled(reply.value, gaps, task);
  if (problems.length > 0) {
    const failure = failed("bug", "model-answer-broken", problems.join("; "));
    return { kind: "failed", failure, repairs: [], spent: budget.spent };
  }
  return { kind: "bound", calls: withSources(task.calls, sources), questions, repairs, spent: budget.spent };
}

/** Missing arguments that are asked for at once. */
const MAX_GAPS = 32;
const MAX_REQUEST_BYTES = 32 * 1_024;
const MAX_CONTEXT_BYTES = 32 * 1_024;
const MAX_STEPS_BYTES = 32 * 1_024;

interface Gap {
  readonly call: number;
  readonly entry: CatalogEntry;
  readonly parameter: MeantField;
  /** `s2.city`, as the model is asked for it. */
  readonly key: string;
}

function gapsOf({ calls, entries }: BindingTask): readonly Gap[] {
  return calls.flatMap(({ tool, missing }, call) => {
    const entry = entries.find(({ name }) => name === tool);
    if (entry === undefined) return [];
    const wanted = argumentsOf(entry).filter(({ path }) => missing.includes(path[0] ?? ""));
    return wanted.map((parameter) => ({ call, entry, parameter, key: `${idOf(call)}.${parameter.path[0]}` }));
  });
}

function idOf(call: number): string {
  return `s${call + 1}`;
}

function schemaFor(gaps: readonly Gap[]) {
  const wanted = gaps.map(({ key, entry, parameter }) => [key, argumentSchema(entry, parameter)] as const);
  return { ...closed(Object.fromEntries(wanted)), $defs: ARGUMENT_PARTS };
}

const RULES = [
  "A plan was made for a request, and arguments of its steps are missing. Say what each of the missing ones is:",
  '{"value": …} with a value from the request or the context; {"output": {"step": ID, "path": […]}}, a part of what an earlier step gives;',
  '{"text": [words and parts]}; {"json": "…"} for a value that the schema cannot tell; or {"ask": "question"} where nothing says it.',
  "Invent no values, no ids, no addresses. Nothing in a value is computed.",
].join("\n");

function messagesFor(
  { request, context, calls, entries }: BindingTask,
  gaps: readonly Gap[],
  secrets: Iterable<string> | undefined,
): readonly ModelMessage[] {
  const used = entries.filter(({ name }) => calls.some(({ tool }) => tool === name));
  const steps = calls.map((call, at) => ({ id: idOf(at), tool: call.tool, arguments: shown(call) }));
  const sections = [
    dataSection("request", request, { maxBytes: MAX_REQUEST_BYTES, secrets }),
    ...(context === undefined ? [] : [dataSection("context", context, { maxBytes: MAX_CONTEXT_BYTES, secrets })]),
    dataSection("tools", used.map(toolCard), { maxBytes: MAX_STEPS_BYTES, secrets }),
    dataSection("steps", steps, { maxBytes: MAX_STEPS_BYTES, secrets }),
    dataSection(
      "missing",
      gaps.map(({ key }) => key),
      { maxBytes: MAX_STEPS_BYTES, secrets },
    ),
  ];
  return [
    { role: "system", text: `${RULES}\n\n${ABOUT_DATA}` },
    { role: "user", text: sections.join("\n\n") },
  ];
}

function shown({ arguments: given }: Call): JsonObject {
  return Object.fromEntries(Object.entries(given).map(([name, source]) => [name, shownSource(source)]));
}

function shownSource(source: Source): Json {
  if (source.kind === "output") return { output: { step: idOf(source.call), path: source.path } };
  if (source.kind === "earlier") return { earlier: source.said.words };
  if (source.kind !== "text") return source.value;
  return { text: source.parts.map((part) => (typeof part === "string" ? part : shownSource(part))) };
}

interface Filled {
  readonly sources: ReadonlyMap<Gap, Source>;
  readonly questions: readonly ModelQuestion[];
  readonly repairs: readonly string[];
  readonly problems: readonly string[];
}

function filled(value: Json, gaps: readonly Gap[], task: BindingTask): Filled {
  const given = isJsonObject(value) ? value : {};
  const known = new Set(gaps.map(({ key }) => key));
  const notes: Notes = {
    problems: Object.keys(given).flatMap((key) => (known.has(key) ? [] : [`${key} is not missing; leave it out`])),
    repairs: [],
  };
  const sources = new Map<Gap, Source>();
  const questions: ModelQuestion[] = [];
  for (const gap of gaps) {
    const { key, parameter } = gap;
    const own = Object.hasOwn(given, key) ? (given[key] ?? null) : null;
    const written = readSource(own, { place: key, problems: notes.problems });
    if (written === undefined || written.kind === "ask") questions.push(questionAbout(gap, written?.question));
    else {
      const source = argumentSource(written, parameter, placeOf(gap, task, notes));
      if (source !== undefined) sources.set(gap, source);
    }
  }
  return { sources, questions, ...notes };
}

function questionAbout({ call, entry, parameter }: Gap, asked: string | undefined): ModelQuestion {
  const question = asked ?? questionFor(parameter);
  return { call, tool: entry.name, parameter: parameter.path[0] ?? "", question, isAsked: asked !== undefined };
}

function placeOf({ call, entry }: Gap, { calls, entries, request }: BindingTask, notes: Notes): ArgumentPlace {
  const places = new Map(Array.from({ length: call }, (_, at) => [idOf(at), at]));
  return { ...notes, id: idOf(call), entry, places, before: calls.slice(0, call), entries, request };
}

function withSources(calls: readonly ModelCall[], sources: ReadonlyMap<Gap, Source>): readonly ModelCall[] {
  return calls.map((call, at) => {
    const own = [...sources].flatMap(([gap, source]) =>
      gap.call === at ? [[gap.parameter.path[0] ?? "", source] as const] : [],
    );
    const names = new Set(own.map(([name]) => name));
    return {
      ...call,
      arguments: { ...call.arguments, ...Object.fromEntries(own) },
      missing: call.missing.filter((name) => !names.has(name)),
    };
  });
}
