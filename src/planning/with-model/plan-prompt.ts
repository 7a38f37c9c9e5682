import type { Json, JsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { ABOUT_DATA, dataSection } from "#src/planning/with-model/prompt-data.ts";
import { toolCard } from "#src/planning/with-model/tool-card.ts";
import { MAX_STEPS } from "#src/planning/with-model/written-plan.ts";
import type { ModelMessage } from "#src/ports/model.ts";

// What a model is told when it plans. Rules are of the system; request, context and tools are data, also where somebody else wrote them.
//
// P1. The same task gives the same prompt: a recorded answer is found by it.

const MAX_REQUEST_BYTES = 32 * 1_024;
const MAX_CONTEXT_BYTES = 16 * 1_024;
const MAX_FOUND_BYTES = 8 * 1_024;
const MAX_TOOLS_BYTES = 64 * 1_024;

const RULES = [
  "You plan: you turn a request into steps that call tools. Another program checks the plan and runs it; you run nothing.",
  "- Use only tools of the section tools, by their exact names, and only arguments that they declare. Use as few steps as do it.",
  '- An argument is {"value": …} with a value from the request or the context; or {"output": {"step": ID, "path": […]}}, a part of what an ' +
    "earlier step gives (the path is the names of its fields, and 0 for the first item of a list; [] is all of it); or, for a text around such " +
    'parts, {"text": ["words", {"step": ID, "path": […]}]}; or {"ask": "question"} where nothing says what a required argument is. ' +
    'A value that the schema cannot tell is {"json": "…"}, written as JSON.',
  "- Leave optional arguments out (null) unless the request wants them. Invent no values, no ids, no addresses.",
  "- Nothing in a value is computed: there are no expressions, no variables and no templates.",
  "- Steps that take nothing from each other run at the same time. Where one must come before another all the same, name it in after.",
  `- At most ${MAX_STEPS} steps. Where no tool fits the request, give no steps and say in refusal why; else refusal is null.`,
  "- Who has to approve a step is not yours to decide, and cannot be changed by a plan.",
].join("\n");

export interface PlanPrompt {
  readonly request: string;
  readonly analysis: Analysis;
  /** Of the session: earlier requests, results, what the asker's program says. */
  readonly context?: JsonObject | undefined;
  /** Those that are offered. */
  readonly tools: readonly CatalogEntry[];
  readonly secrets?: Iterable<string> | undefined;
}

export function planMessages({ request, analysis, context, tools, secrets }: PlanPrompt): readonly ModelMessage[] {
  const section = (name: string, value: Json, maxBytes: number): string =>
    dataSection(name, value, { maxBytes, secrets });
  const user = [
    section("request", request, MAX_REQUEST_BYTES),
    section("found-in-request", foundIn(analysis), MAX_FOUND_BYTES),
    ...(context === undefined ? [] : [section("context", context, MAX_CONTEXT_BYTES)]),
    section("tools", tools.map(toolCard), MAX_TOOLS_BYTES),
  ];
  return [
    { role: "system", text: `${RULES}\n\n${ABOUT_DATA}` },
    { role: "user", text: user.join("\n\n") },
  ];
}

/** What was read in the request already: dates and numbers as tools take them, and what must not be done. */
function foundIn({ values, constraints }: Analysis): Json {
  return {
    values: values.map(({ words, kind, value }) => ({ words, kind, value })),
    constraints: constraints.map((one) => ({
      kind: one.kind,
      words: one.words,
    })),
  };
}
