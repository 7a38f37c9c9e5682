import type { JsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Intent } from "#src/planning/analysis/intents.ts";
import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import { callsIn, type Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { tableSentences } from "#src/planning/responding/table-sentences.ts";
import type { Combination } from "#src/planning/writing/combined-outputs.ts";
import { cachedMark, type CachedAnswer } from "#src/planning/responding/cached-mark.ts";
import { outputSentence } from "#src/planning/responding/output-sentence.ts";

// The response of a plan that was made for a request: a sentence for each result, in the words of what was asked, and how far it came
// where it did not succeed.
//
// R1. Pure, and a valid `respond` of the language: every expression is checked against the schemas of the tools.
// R2. Of the request only letters, digits and spaces are taken over, so that nothing in it is an expression or ends a sentence.

export interface Answered {
  readonly analysis: Pick<Analysis, "intents">;
  readonly calls: readonly Call[];
  /** Ids of their steps, in their order. */
  readonly ids: readonly string[];
  /** Of all their tools. */
  readonly entries: readonly CatalogEntry[];
  /** Of calls that are answered together. */
  readonly combined?: readonly Combination[];
  /** Steps that may give what their calls gave before. Default: none. */
  readonly cached?: readonly CachedAnswer[];
}

/** Results that have a sentence. */
const MAX_RESULTS = 8;
const MAX_LABEL_WORDS = 4;
const MAX_LABEL_CHARS = 60;

export function responseFor(answered: Answered): JsonObject {
  const results = resultsOf(answered);
  const { cached = [], combined = [] } = answered;
  const sentences = results.map(({ index, entry, id }) => {
    const intent = intentOf(answered, { index, entry });
    const said = outputSentence({
      id,
      entry,
      action: actionFor(intent, entry),
      label: labelOf(answered, intent, entry),
    });
    return [said, ...cached.filter((one) => one.id === id).map(cachedMark)].join("");
  });
  const isAlone = ({ index }: Result): boolean => !combined.some(({ calls }) => calls.includes(index));
  const others = cached.filter(({ id }) => !results.some((result) => result.id === id && isAlone(result)));
  return {
    $done: [doneText(answered, { results, sentences }), ...others.map(cachedMark)].join(""),
    $partial: ["${done} of ${total} steps done.", ...sentences, FAILED, NEXT].join("\n"),
    $failed: [FAILED, NEXT].join("\n"),
  };
}

interface Said {
  readonly results: readonly Result[];
  /** One for each. */
  readonly sentences: readonly string[];
}

/** What was gathered is said once, at the place of the first of it; where not all is there, each result speaks for itself. */
function doneText(answered: Answered, { results, sentences }: Said): string {
  const { combined = [] } = answered;
  return results
    .flatMap(({ index, entry }, at) => {
      const group = combined.find(({ calls }) => calls.includes(index));
      if (group === undefined) return sentences[at] ?? [];
      if (group.calls[0] !== index) return [];
      return tableSentences(group, labelOf(answered, intentOf(answered, { index, entry }), entry));
    })
    .join("\n");
}

const FAILED = `\${size(failed) == 0 ? "Nothing failed" : failed.map(f, f.step + " failed because " + f.reason).join("; ")}.`;
const NEXT = "Next: ${next}.";

interface Result {
  readonly index: number;
  readonly id: string;
  readonly entry: CatalogEntry;
}

/** The calls whose outputs no other call takes: what was asked for. */
function resultsOf({ calls, ids, entries }: Answered): readonly Result[] {
  const taken = new Set(calls.flatMap((call) => Object.values(call.arguments).flatMap(callsIn)));
  const results = calls.flatMap((call, index): readonly Result[] => {
    const entry = entries.find(({ name }) => name === call.tool);
    const id = ids[index];
    return taken.has(index) || entry === undefined || id === undefined ? [] : [{ index, id, entry }];
  });
  return results.slice(0, MAX_RESULTS);
}

/** The intent that the call is for: one whose action its tool's name has, or the one at its place. */
function intentOf(
  { analysis, calls }: Answered,
  { index, entry }: Pick<Result, "index" | "entry">,
): Intent | undefined {
  const { intents } = analysis;
  const actions = new Set(entry.nameWords.flatMap((word) => actionOf(word) ?? []));
  const fitting = intents.filter(({ action }) => actions.has(action));
  const place = calls.length < 2 ? intents.length - 1 : Math.floor((index * intents.length) / calls.length);
  return fitting.length === 1 ? fitting[0] : intents[place];
}

function actionFor(intent: Intent | undefined, { nameWords }: CatalogEntry): Action {
  return intent?.action ?? nameWords.flatMap((word) => actionOf(word) ?? [])[0] ?? "run";
}

/** R2. */
function labelOf({ analysis }: Answered, intent: Intent | undefined, { nameWords, name }: CatalogEntry): string {
  const words =
    analysis.intents.length > 0 && intent !== undefined && intent.topics.length > 0 ? intent.topics : nameWords;
  const label = words
    .slice(0, MAX_LABEL_WORDS)
    .join(" ")
    .replace(/[^\p{L}\p{N} ]+/gu, " ")
    .replace(/ +/g, " ")
    .trim()
    .slice(0, MAX_LABEL_CHARS);
  return label === "" ? name.replace(/[^A-Za-z0-9]+/g, " ").trim() || "result" : label;
}
