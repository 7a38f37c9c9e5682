import type { Json } from "#events/json.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { feedOf } from "#src/planning/graph/data-flow.ts";
import type { Features } from "#src/planning/learning/linear.ts";
import { asArgument } from "#src/planning/binding/as-argument.ts";
import type { Habits } from "#src/planning/binding/habits.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// All that one argument of a call could be: words of the request, outputs of calls before, what it is where nobody says otherwise,
// or nothing. Each comes with what speaks for and against it, by name.

export interface Choice {
  /** Undefined leaves the argument out. */
  readonly source: Source | undefined;
  readonly features: Features;
}

/** Where an argument is wanted. */
export interface Slot {
  readonly entry: CatalogEntry;
  readonly parameter: MeantField;
  /** How many calls of the same tool come before this one. */
  readonly ordinal: number;
  /** Calls before this one, with all their arguments. */
  readonly before: readonly Call[];
  readonly entries: readonly CatalogEntry[];
  /** What the arguments of this call are so far. */
  readonly bound: Readonly<Record<string, Source>>;
  readonly spans: readonly Span[];
  /** Where in the request this call is asked for. */
  readonly clause?: { readonly from: number; readonly to: number } | undefined;
}

export function choicesFor(slot: Slot, habits: Habits): readonly Choice[] {
  const key = slotKey(slot.entry.name, slot.parameter);
  return [
    ...saidChoices(slot, key),
    ...outputChoices(slot, key, habits),
    ...habits.constants(key).map(
      ({ value, share }): Choice => ({
        source: { kind: "habit", value },
        features: [["habit", share], [`${key}|habit:${JSON.stringify(value)}`, 1]],
      }),
    ),
    ...habits.texts(key).flatMap((parts) => textChoice(slot, key, parts)),
    ...defaultChoice(slot, key),
    { source: undefined, features: [[slot.parameter.isRequired ? "missing" : "none", 1], [`${key}|none`, 1]] },
  ];
}

export function slotKey(tool: string, { path }: { readonly path: readonly string[] }): string {
  return `${tool}.${path.join(".")}`;
}

function defaultChoice({ parameter: { fallback } }: Slot, key: string): readonly Choice[] {
  return fallback === undefined ? [] : [{ source: { kind: "default", value: fallback }, features: [["default", 1], [`${key}|default`, 1]] }];
}

function saidChoices(slot: Slot, key: string): readonly Choice[] {
  return slot.spans.flatMap((span): readonly Choice[] => {
    const value = asArgument(span, slot.parameter);
    if (value === undefined) return [];
    const { from, to, words } = span;
    return [{ source: { kind: "said", value, said: { from, to, words } }, features: saidFeatures(span, slot, { key, value }) }];
  });
}

function saidFeatures(span: Span, slot: Slot, { key, value }: { readonly key: string; readonly value: Json }): Features {
  const { parameter, ordinal, entry } = slot;
  const names = new Set(nameWords(parameter.path.join(" ")));
  const label = span.found === undefined ? [span.left] : [...span.found.label.split(" "), span.left];
  const siblings = entry.parameters.filter(
    (one) => one.isRequired === parameter.isRequired && one.meaning.kinds[0] === parameter.meaning.kinds[0],
  );
  const place = siblings.indexOf(parameter) + ordinal;
  const isText = parameter.type === "string" || parameter.type === "any";
  const tag = parameter.options === undefined ? (isText ? "text" : parameter.type) : "option";
  return [
    [`said:${tag}`, 1],
    [`${tag}:${span.kind}`, 1],
    [`${key}|said`, 1],
    [`${key}|${span.kind}`, 1],
    [`${key}|${span.kind}|${span.nth}|#${ordinal}`, 1],
    [`${key}|left:${span.left}`, 1],
    [`${key}|#${ordinal}|left:${span.left}`, 1],
    [`left:${span.left}`, 0.5],
    [`right:${span.right}`, 0.5],
    ["unasked", parameter.isRequired ? 0 : 1],
    ["opaque", isOpaque(parameter) && span.found?.kind !== "identifier" && span.found?.kind !== "quoted" ? 1 : 0],
    ["verbFirst", span.found === undefined && actionOf(span.words.split(/\s/)[0]?.toLowerCase() ?? "") !== undefined ? 1 : 0],
    [span.isWhole ? "whole" : "part", 1],
    [`${key}|${span.isWhole ? "whole" : "part"}`, 1],
    [`${key}|joined:${span.isJoined}`, 1],
    ["joined", span.isJoined ? 1 : 0],
    [`${key}|count:${Math.min(span.count, 5)}`, 1],
    ["converted", typeof value === "string" && value.length === 2 && value !== span.words ? 1 : 0],
    ["labelled", label.some((word) => names.has(word) || names.has(word.replace(/s$/, ""))) ? 1 : 0],
    ["roleSaid", saysRole(parameter.meaning.qualifiers, span.left) ? 1 : 0],
    ["kindFits", kindFits(span, parameter) ? 1 : 0],
    ["placeFits", span.found !== undefined && siblings.length > 1 && span.nth === place ? 1 : 0],
    ["placeWrong", span.found !== undefined && siblings.length > 1 && span.nth !== place ? 1 : 0],
    ["again", span.isNew ? 0 : 1],
    ["cuts", span.cuts ? 1 : 0],
    [`count:${Math.min(span.count, 5)}`, span.found === undefined ? 1 : 0],
    ["holdsValue", span.found === undefined && /\p{Lu}|\d/u.test(span.words.slice(1)) ? 1 : 0],
    ["outside", slot.clause === undefined || (slot.clause.from <= span.from && span.to <= slot.clause.to) ? 0 : 1],
    ["ofTool", shareOf(nameWords(span.words), slot.entry.nameWords)],
    ["usedHere", Object.values(slot.bound).some((source) => isSame(source, value)) ? 1 : 0],
    ["usedBefore", slot.before.some((call) => call.tool === entry.name && isSame(call.arguments[parameter.path[0] ?? ""], value)) ? 1 : 0],
  ];
}

/** What only a system knows: nobody says it in plain words. */
function isOpaque({ meaning }: MeantField): boolean {
  return meaning.kinds.some((kind) => /(?:^|-)(?:ids?|token|cursor|key|uuid)$/.test(kind));
}

function shareOf(words: readonly string[], of: readonly string[]): number {
  const bare = (word: string): string => word.replace(/s$/, "");
  const known = new Set(of.map(bare));
  return words.length === 0 ? 0 : words.filter((word) => known.has(bare(word))).length / words.length;
}

function isSame(source: Source | undefined, value: Json): boolean {
  return source !== undefined && source.kind === "said" && JSON.stringify(source.value) === JSON.stringify(value);
}

const ROLES: Readonly<Record<string, readonly string[]>> = {
  origin: ["from", "leaving", "departing"],
  from: ["from"],
  source: ["from"],
  departure: ["from", "leaving", "departing"],
  start: ["from", "since", "after", "starting", "between"],
  destination: ["to", "into", "toward", "towards", "visit"],
  to: ["to", "into", "in"],
  target: ["to", "into"],
  arrival: ["to"],
  end: ["to", "until", "till", "through", "by"],
  return: ["returning", "return", "returns", "until"],
  min: ["above", "over", "least", "atleast", "from"],
  max: ["below", "under", "most", "to"],
};

function saysRole(qualifiers: readonly string[], left: string): boolean {
  return qualifiers.some((word) => ROLES[word]?.includes(left) ?? false);
}

const FITTING: Readonly<Record<string, readonly string[]>> = {
  ...{ url: ["url"], email: ["email"], path: ["path", "quoted"], date: ["date", "date-time"], "date-time": ["date-time", "date"], time: ["time"] },
  ...{ place: ["name"], query: ["name", "quoted", "phrase", "identifier"], name: ["name"], keyword: ["quoted", "phrase"], count: ["number"], price: ["money", "number"] },
};

function kindFits({ kind }: Span, { meaning }: MeantField): boolean {
  return meaning.kinds.some((one) => FITTING[one]?.includes(kind) ?? (one.endsWith("id") && kind === "identifier"));
}

const MAX_OUTPUTS = 4;
const LEAST_FEED = 0.3;

function outputChoices(slot: Slot, key: string, habits: Habits): readonly Choice[] {
  const { parameter, before, entries } = slot;
  const ordinals = new Map<string, number>();
  return before.flatMap(({ tool }, call): readonly Choice[] => {
    const nth = ordinals.get(tool) ?? 0;
    ordinals.set(tool, nth + 1);
    const from = entries.find(({ name }) => name === tool);
    if (from === undefined) return [];
    const usual = habits.outputs(key).filter((one) => one.tool === tool);
    const isUsual = (path: readonly string[]): boolean => usual.some((one) => one.path === path.join("."));
    const feeds = from.outputs
      .map((output) => ({ path: output.path, fit: feedOf(output, parameter) }))
      .sort((one, other) => other.fit - one.fit);
    const known = feeds.filter(({ path, fit }, at) => (fit >= LEAST_FEED && at < MAX_OUTPUTS) || isUsual(path));
    // What a schema does not speak of may be there all the same: plans before have used it.
    const unsaid = usual
      .map(({ path }) => (path === "" ? [] : path.split(".")))
      .filter((path) => !feeds.some((one) => one.path.join(".") === path.join(".")))
      .map((path) => ({ path, fit: 0 }));
    const kept = [...known, ...unsaid];
    return kept.map(({ path: place, fit }): Choice => {
      const path = place.join(".");
      return {
        source: { kind: "output", call, path: place },
        features: [
          ["output", 1],
          ["feed", fit],
          [`output:${parameter.isRequired ? "required" : "optional"}`, 1],
          [`${key}|from:${tool}.${path}`, 1],
          [`${key}|from:${tool}.${path}#${nth}`, 1],
          [`${key}|output`, 1],
          ["usual", usual.find((one) => one.path === path)?.share ?? 0],
          ["ordinalFits", ordinalFits(slot, { call, nth }) ? 1 : 0],
          ["ordinalWrong", ordinalWrong(slot, call) ? 1 : 0],
          ["twin", isTwin(slot, call) ? 1 : 0],
          ["distance", Math.min(4, before.length - 1 - call)],
          ["inList", place.includes("*") ? 1 : 0],
        ],
      };
    });
  });
}

/** The first of several parameters of a kind is fed by the first of several calls of a tool. */
function ordinalFits({ entry, parameter }: Slot, { nth }: { readonly call: number; readonly nth: number }): boolean {
  const alike = entry.parameters.filter((one) => one.meaning.kinds[0] === parameter.meaning.kinds[0]);
  return alike.length > 1 && alike.indexOf(parameter) === nth;
}

function ordinalWrong({ entry, parameter, bound }: Slot, call: number): boolean {
  return entry.parameters.some((other) => {
    const source = bound[other.path[0] ?? ""];
    const isAlike = other !== parameter && other.meaning.kinds[0] === parameter.meaning.kinds[0];
    return isAlike && source?.kind === "output" && source.call === call;
  });
}

/** Another argument of the same role comes from there: "originSkyId" and "originEntityId". */
function isTwin({ entry, parameter, bound }: Slot, call: number): boolean {
  const role = parameter.meaning.qualifiers.join(" ");
  return entry.parameters.some((other) => {
    const source = bound[other.path[0] ?? ""];
    return other !== parameter && role !== "" && role === other.meaning.qualifiers.join(" ") && source?.kind === "output" && source.call === call;
  });
}

/** A text around outputs, as calls of this tool had it before: its numbers are those of this request. */
function textChoice(slot: Slot, key: string, parts: Habits["texts"] extends (key: string) => readonly (infer Text)[] ? Text : never): readonly Choice[] {
  const filled: (string | { readonly kind: "output"; readonly call: number; readonly path: readonly string[] })[] = [];
  const numbers = slot.spans.filter(({ kind }) => kind === "number" || kind === "money");
  const used = new Set<number>();
  for (const part of parts) {
    if (typeof part === "string") filled.push(part);
    else if (part.kind === "number") {
      const next = numbers.shift();
      if (next?.found === undefined) return [];
      filled.push(String(next.found.value));
    } else {
      const call = slot.before.findLastIndex(({ tool }, at) => tool === part.tool && !used.has(at));
      if (call < 0) return [];
      used.add(call);
      filled.push({ kind: "output", call, path: part.path });
    }
  }
  return [{ source: { kind: "text", parts: filled }, features: [["text", 1], [`${key}|text`, 1]] }];
}
