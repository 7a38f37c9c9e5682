import { Fault } from "#events/fault.ts";
import { z } from "zod";
import { isJsonObject, json, type Json } from "#events/json.ts";
import { sameValue } from "#src/planning/binding/argument-model.ts";
import type { PastArgument, Source } from "#src/planning/binding/source.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { drafts, planner, type Draft, type Planner } from "#src/planning/drafting/planner.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import { runPlan } from "#src/testing/run-plan.ts";
import type { NestedCase, NestedRequests } from "./nested.ts";
import { standInOutput, standInTool, type StandIn } from "./stand-in-tools.ts";

// How well plans of nested calls match the known ones. All tools of the specification are offered to every request. F1 is that of one
// request, averaged; of tools as often as they are called, of arguments with their values: an output by tool and field, a text whatever its case.
// A plan is run with tools that stand in for the services; it gives the expected answer where all of it is among the outputs.

export interface NestedScore {
  readonly functionF1: number;
  readonly parameterF1: number;
  readonly answers: number;
  readonly invalidPlans: number;
  readonly msP: readonly number[];
}

/** When the requests were written: a date without a year is of that one. */
const NOW = Date.UTC(2024, 5, 1);
const FOLDS = 5;
const jsonList = z.array(json);

/** Of each fifth after learning from the others; with `past: false` from descriptions alone. */
export async function nestedScore(
  { cases, tools }: NestedRequests,
  { past }: { readonly past: boolean },
): Promise<NestedScore> {
  const standIns = tools.map((tool) => ({ ...tool, unsaid: unsaidOutputs(tool, cases) }));
  const entries = tools.map(catalogEntry);
  const scores: { functions: number; parameters: number; answer: boolean; valid: boolean; ms: number }[] = [];
  for (let fold = 0; fold < (past ? FOLDS : 1); fold += 1) {
    const isAsked = (index: number): boolean => !past || index % FOLDS === fold;
    const trained = planner(entries, { past: past ? cases.filter((_case, index) => !isAsked(index)) : [], now: NOW });
    for (const one of cases.filter((_case, index) => isAsked(index)))
      scores.push(await scoreOf(one, trained, standIns));
    process.stderr.write(`plan: nested calls, fold ${fold + 1}${past ? ` of ${FOLDS}` : " from descriptions"}\n`);
  }
  const mean = (of: (score: (typeof scores)[number]) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  return {
    functionF1: mean(({ functions }) => functions),
    parameterF1: mean(({ parameters }) => parameters),
    answers: mean(({ answer }) => (answer ? 1 : 0)),
    invalidPlans: scores.filter(({ valid }) => !valid).length,
    msP: scores.map(({ ms }) => ms),
  };
}

async function scoreOf(
  known: NestedCase,
  trained: Planner,
  standIns: readonly StandIn[],
): Promise<{ functions: number; parameters: number; answer: boolean; valid: boolean; ms: number }> {
  const startedAt = performance.now();
  const best = drafts(trained, known.request, NOW).find(({ calls }) =>
    calls.every(({ missing }) => missing.length === 0),
  );
  const ms = performance.now() - startedAt;
  const calls = best?.calls ?? [];
  const given = calls.map(({ tool }) => tool);
  const functions = bagF1(
    given,
    known.calls.map(({ tool }) => tool),
  );
  const parameters = bagF1(argumentsOf(calls), argumentsOf(known.calls));
  const ran = best === undefined ? undefined : await ranPlan(best, trained, standIns);
  return {
    functions,
    parameters,
    answer: ran !== undefined && givesAnswer(known, ran, standIns),
    valid: best === undefined || ran !== undefined,
    ms,
  };
}

/** What the steps gave; undefined of a plan that is refused. */
async function ranPlan(
  { calls }: Draft,
  { entries }: Planner,
  standIns: readonly StandIn[],
): Promise<readonly Json[] | undefined> {
  const source = planSource({ name: "answer" }, calls, entries);
  try {
    const run = await runPlan(source, { tools: standIns.map(standInTool) });
    const steps = Object.keys(source.steps);
    return await Promise.all(steps.map(async (step) => (await run.output(step)) ?? null));
  } catch (error) {
    if (Fault.is(error, "plan-invalid")) return undefined;
    throw error;
  }
}

/** F1 of two bags: what is there twice counts twice. */
function bagF1(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const item of other) left.set(item, (left.get(item) ?? 0) + 1);
  let both = 0;
  for (const item of one) {
    const count = left.get(item) ?? 0;
    if (count === 0) continue;
    both += 1;
    left.set(item, count - 1);
  }
  return one.length + other.length === 0 ? 1 : (2 * both) / (one.length + other.length);
}

type Calls = readonly { readonly tool: string; readonly arguments: Readonly<Record<string, Source | PastArgument>> }[];

function argumentsOf(calls: Calls): readonly string[] {
  return calls.flatMap(({ tool, arguments: given }) =>
    Object.entries(given).map(([name, argument]) => `${tool} ${name} ${spelled(argument, calls)}`),
  );
}

function spelled(argument: Source | PastArgument, calls: Calls): string {
  if (argument.kind === "output") return `of ${calls[argument.call]?.tool ?? ""} ${argument.path.join(".")}`;
  if (argument.kind === "text")
    return argument.parts.map((part) => (typeof part === "string" ? part : `<${spelled(part, calls)}>`)).join("");
  return argument.kind === "earlier" ? "" : JSON.stringify(argument.value).toLowerCase();
}

function givesAnswer({ calls, answer }: NestedCase, outputs: readonly Json[], standIns: readonly StandIn[]): boolean {
  const gold: Json[] = [];
  for (const { tool, arguments: given } of calls) {
    const standIn = standIns.find(({ name }) => name === tool);
    if (standIn === undefined) return false;
    const values = Object.entries(given).flatMap(([name, argument]): readonly [string, Json][] => {
      const value = resolved(argument, gold);
      return value === undefined ? [] : [[name, value]];
    });
    gold.push(standInOutput(standIn, Object.fromEntries(values)));
  }
  return answer.every((part) => {
    const expected = resolved(part, gold);
    return expected !== undefined && outputs.some((output) => holds(output, expected));
  });
}

function resolved(argument: PastArgument, outputs: readonly Json[]): Json | undefined {
  if (argument.kind === "value") return argument.value;
  if (argument.kind === "output") return argument.path.reduce<Json | undefined>(fieldOf, outputs[argument.call]);
  return argument.parts.map((part) => (typeof part === "string" ? part : textOf(resolved(part, outputs)))).join("");
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** The known plans do not say that they mean the first item of a list. */
function fieldOf(value: Json | undefined, field: string): Json | undefined {
  const items = value === undefined ? undefined : itemsOf(value);
  const one = items === undefined ? value : items[0];
  if (field === "*" || one === undefined) return one;
  return isJsonObject(one) ? one[field] : undefined;
}

function itemsOf(value: Json): readonly Json[] | undefined {
  return jsonList.safeParse(value).data;
}

function holds(value: Json, expected: Json): boolean {
  if (sameValue(value, expected)) return true;
  const inner = itemsOf(value) ?? (isJsonObject(value) ? Object.values(value) : []);
  return inner.some((one) => holds(one, expected));
}

/** Paths that known plans read from a tool and that its specification does not have. */
function unsaidOutputs(
  tool: { readonly name: string; readonly outputSchema: Readonly<Record<string, unknown>> },
  cases: readonly NestedCase[],
): readonly (readonly string[])[] {
  const paths = new Map<string, readonly string[]>();
  for (const { calls, answer } of cases)
    for (const argument of [...answer, ...calls.flatMap((call) => Object.values(call.arguments))])
      for (const { call, path } of outputsIn(argument))
        if (calls[call]?.tool === tool.name && path.length > 0) paths.set(path.join("."), path);
  return [...paths.values()];
}

function outputsIn(argument: PastArgument): readonly Extract<PastArgument, { kind: "output" }>[] {
  if (argument.kind === "output") return [argument];
  return argument.kind === "text" ? argument.parts.flatMap((part) => (typeof part === "string" ? [] : [part])) : [];
}
