import { z } from "zod";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { capabilityOf, oneLine } from "#src/planning/answering/capability.ts";
import type { Prohibition } from "#src/planning/answering/prohibitions.ts";
import type { Source } from "#src/planning/binding/source.ts";
import type { Draft, Planner } from "#src/planning/drafting/planner.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";

// What was found in a request and why a plan has the tools that it has, as a record that is kept with the plan: plain data, bounded, each
// thing with the words that led to it and their place in the text that was read.
//
// X1. Nothing here decides anything: a reader may drop it.
// X2. Lists are cut at MOST entries and texts at MAX_CHARS; how many were left out is said.

const MOST = 50;
const MAX_CHARS = 200;

const place = z.strictObject({
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  words: z.string().max(MAX_CHARS),
});
const texts = z.array(z.string().max(MAX_CHARS)).max(MOST);
const listOf = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> => z.array(item).max(MOST);

export const explanation = z.strictObject({
  intents: listOf(place.extend({ action: z.string(), verb: z.string().max(MAX_CHARS), topics: texts })),
  values: listOf(place.extend({ kind: z.string(), value: z.string().max(MAX_CHARS) })),
  constraints: listOf(
    place.extend({ kind: z.enum(["deadline", "budget", "forbidden"]), value: z.string().max(MAX_CHARS), tools: texts }),
  ),
  /** What is needed of the catalog: the tools of the plan, with the words that ask for them. */
  capabilities: listOf(z.strictObject({ tool: z.string(), does: z.string().max(MAX_CHARS), words: listOf(place) })),
  /** The best first. */
  candidates: listOf(
    z.strictObject({
      tools: texts,
      probability: z.number(),
      expected: z.number(),
      isChosen: z.boolean(),
      reasons: texts,
    }),
  ),
  /** What could not be used in planning. */
  findings: listOf(z.strictObject({ code: z.string(), message: z.string().max(MAX_CHARS) })).exactOptional(),
  leftOut: z.int().nonnegative(),
});

export type Explanation = z.infer<typeof explanation>;

export interface Explained {
  readonly planner: Planner;
  readonly drafts: readonly Draft[];
  readonly chosen?: Draft | undefined;
  readonly prohibitions?: readonly Prohibition[];
  readonly findings?: readonly { readonly code: string; readonly message: string }[];
}

export function explained(analysis: Analysis, about: Explained): Explanation {
  const { planner, drafts, chosen, prohibitions = [], findings = [] } = about;
  const toolsOf = (draft: Draft): readonly string[] => draft.calls.map(({ tool }) => tool);
  const needed = [...new Set(chosen === undefined ? [] : toolsOf(chosen))];
  const all = [analysis.intents, analysis.values, analysis.constraints, needed, drafts];
  return {
    intents: analysis.intents.slice(0, MOST).map((intent) => ({
      ...placeOf(intent),
      action: intent.action,
      verb: cut(intent.verb),
      topics: intent.topics.slice(0, MOST).map(cut),
    })),
    values: analysis.values
      .slice(0, MOST)
      .map((value) => ({ ...placeOf(value), kind: value.kind, value: cut(written(value.value)) })),
    constraints: analysis.constraints.slice(0, MOST).map((one) => ({
      ...placeOf(one),
      kind: one.kind,
      value: cut(one.kind === "forbidden" ? one.what : written(one.value.value)),
      tools: (prohibitions.find(({ from }) => from === one.from)?.tools ?? []).slice(0, MOST).map(cut),
    })),
    capabilities: needed.slice(0, MOST).map((tool) => capability(tool, analysis, planner)),
    candidates: drafts.slice(0, MOST).map((draft) => ({
      tools: toolsOf(draft).slice(0, MOST).map(cut),
      probability: draft.probability,
      expected: draft.expected,
      isChosen: draft === chosen,
      reasons: [
        ...(draft.reasons ?? []).map(cut),
        ...draft.calls.flatMap((call) => reasonsFor(call, analysis, planner)),
      ].slice(0, MOST),
    })),
    ...(findings.length === 0
      ? {}
      : { findings: findings.slice(0, MOST).map(({ code, message }) => ({ code, message: cut(message) })) }),
    leftOut: all.reduce((sum, { length }) => sum + Math.max(0, length - MOST), 0),
  };
}

/** For the command line: what was found, then the candidates with their scores and reasons. */
export function explanationLines(record: Explanation): readonly string[] {
  return [
    ...record.intents.map(({ action, words }) => `asks to ${action}: “${words}”`),
    ...record.values.map(({ kind, value, words }) => `${kind} ${value}${value === words ? "" : `: “${words}”`}`),
    ...record.constraints.map(({ kind, words, tools }) =>
      [`${kind}: “${words}”`, ...(tools.length > 0 ? [`forbids ${tools.join(", ")}`] : [])].join("; "),
    ),
    ...record.candidates.flatMap(({ tools, probability, expected, isChosen, reasons }) => [
      `${isChosen ? "*" : " "} ${tools.join(" → ")}  ${percent(probability)} likely, ${percent(expected)} in common with what is needed`,
      ...reasons.map((reason) => `    ${reason}`),
    ]),
    ...(record.findings ?? []).map(({ code, message }) => `${code}: ${message}`),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function placeOf({ from, to, words }: Said): Said {
  return { from, to, words: cut(words) };
}

function cut(text: string): string {
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1).toWellFormed()}…`;
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function capability(tool: string, analysis: Analysis, planner: Planner): Explanation["capabilities"][number] {
  const entry = planner.entries.find(({ name }) => name === tool);
  return {
    tool,
    does: cut(entry === undefined ? "" : capabilityOf(entry)),
    words: tellingWords(tool, analysis, planner).slice(0, MOST).map(placeOf),
  };
}

const NONE: ReadonlySet<string> = new Set();
const MAX_TELLING = 8;

/** Words of the request that the tool's name and description have too. */
function tellingWords(tool: string, { text }: Analysis, { relevance }: Planner): readonly Said[] {
  const own = relevance.index.described.tools.find(({ name }) => name === tool)?.terms;
  return wordsOf(text)
    .filter(({ words }) => termsOf(words, NONE).some((term) => own?.has(term)))
    .slice(0, MAX_TELLING);
}

function reasonsFor(call: Draft["calls"][number], analysis: Analysis, planner: Planner): readonly string[] {
  const words = [...new Set(tellingWords(call.tool, analysis, planner).map((one) => one.words))];
  const why =
    words.length > 0
      ? `the request says ${words.map((word) => `“${word}”`).join(", ")}`
      : "requests like this one, or what it gives to others";
  const given = Object.entries(call.arguments).map(([name, source]) => `${call.tool}: ${name} ${sourceText(source)}`);
  const missing = call.missing.map((name) => `${call.tool}: ${name} is missing`);
  return [`${call.tool}: ${why}`, ...given, ...missing].map(cut);
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case "said":
      return `from “${oneLine(source.said.words)}”`;
    case "output":
      return `from ${source.path.join(".") || "all"} of call ${source.call + 1}`;
    case "default":
      return `by default ${oneLine(written(source.value))}`;
    case "habit":
      return `as before ${oneLine(written(source.value))}`;
    case "model":
      return `as the language model says: ${oneLine(written(source.value))}`;
    case "earlier":
      return `from an earlier result: “${oneLine(source.said.words)}”`;
    case "text":
      return "as text around earlier outputs";
  }
}
