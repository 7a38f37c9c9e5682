import type { Json } from "#events/json.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { Features } from "#src/planning/learning/linear.ts";
import { asArgument } from "#src/planning/binding/as-argument.ts";
import { slotKey } from "#src/planning/binding/habits.ts";
import { flag, type Choice, type Slot } from "#src/planning/binding/slot.ts";
import type { Source } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// Words of the request as what an argument could be, by what they are, where they stand, and what is made of them elsewhere. The names of
// the features are those of the weights in argument-model.ts; one that has the name of a slot in it is learned from past plans alone.

export function saidChoices(slot: Slot): readonly Choice[] {
  const wanted = wantedBy(slot);
  return slot.spans.flatMap((span): readonly Choice[] => {
    const value = asArgument(span, slot.parameter);
    if (value === undefined) return [];
    const { from, to, words } = span;
    const features = [
      ...slotFeatures(span, slot),
      ...formFeatures(span, slot.parameter, value),
      ...placeFeatures(span, slot, wanted),
      ...useFeatures(slot, value),
    ];
    return [{ source: { kind: "said", value, said: { from, to, words } }, features }];
  });
}

const MAX_COUNTED_WORDS = 5;

/** What is learned of this parameter of this tool alone. */
function slotFeatures(span: Span, { entry, parameter, ordinal }: Slot): Features {
  const key = slotKey(entry.name, parameter);
  return [
    [`${key}|said`, 1],
    [`${key}|${span.kind}`, 1],
    [`${key}|${span.kind}|${span.nth}|#${ordinal}`, 1],
    [`${key}|left:${span.left}`, 1],
    [`${key}|#${ordinal}|left:${span.left}`, 1],
    [`${key}|${span.isWhole ? "whole" : "part"}`, 1],
    [`${key}|joined:${span.isJoined}`, 1],
    [`${key}|count:${Math.min(span.count, MAX_COUNTED_WORDS)}`, 1],
  ];
}

/** What the words are, and whether this parameter is such a thing. */
function formFeatures(span: Span, parameter: MeantField, value: Json): Features {
  const tag = tagOf(parameter);
  const isPhrase = span.found === undefined;
  const first = span.words.split(/\s/)[0]?.toLowerCase() ?? "";
  return [
    [`said:${tag}`, 1],
    [`${tag}:${span.kind}`, 1],
    [span.isWhole ? "whole" : "part", Number(tag === "text")],
    flag("joined", span.isJoined),
    flag("cuts", span.cuts),
    flag("again", !span.isNew),
    [`count:${Math.min(span.count, MAX_COUNTED_WORDS)}`, Number(isPhrase)],
    flag("holdsValue", isPhrase && /\p{Lu}|\d/u.test(span.words.slice(1))),
    flag("verbFirst", isPhrase && actionOf(first) !== undefined),
    flag("kindFits", kindFits(span, parameter)),
    flag("opaque", isOpaque(parameter) && span.kind !== "identifier" && span.kind !== "quoted"),
    flag("converted", isCode(value) && value !== span.words),
    flag("unasked", !parameter.isRequired),
  ];
}

function tagOf({ options, type }: MeantField): string {
  if (options !== undefined) return "option";
  return type === "string" || type === "any" ? "text" : type;
}

function isCode(value: Json): boolean {
  return typeof value === "string" && /^[a-z]{2,3}$/i.test(value);
}

const FITTING: Readonly<Record<string, readonly Span["kind"][]>> = {
  ...{ url: ["url"], email: ["email"], path: ["path", "quoted"], time: ["time"] },
  ...{ date: ["date", "date-time"], "date-time": ["date-time", "date"], place: ["name"] },
  ...{ query: ["name", "quoted", "phrase", "identifier"], name: ["name"], keyword: ["quoted", "phrase"] },
  ...{ count: ["number"], price: ["money", "number"] },
};

function kindFits({ kind }: Span, { meaning }: MeantField): boolean {
  return meaning.kinds.some((one) => FITTING[one]?.includes(kind) ?? (one.endsWith("id") && kind === "identifier"));
}

/** What only a system knows: nobody says it in plain words. */
export function isOpaque({ meaning }: MeantField): boolean {
  return meaning.kinds.some((kind) => /(?:^|-)(?:ids?|token|cursor|key|uuid)$/.test(kind));
}

/** What the words around a span are held against, whatever the span. */
interface Wanted {
  readonly names: ReadonlySet<string>;
  /** How many parameters there are of this kind. */
  readonly siblings: number;
  /** Which of several values of its kind it is, if each has one. */
  readonly nth: number;
}

function wantedBy({ entry, parameter, ordinal }: Slot): Wanted {
  const siblings = entry.parameters.filter(
    (one) => one.isRequired === parameter.isRequired && one.meaning.kinds[0] === parameter.meaning.kinds[0],
  );
  const names = new Set(nameWords(parameter.path.join(" ")));
  return { names, siblings: siblings.length, nth: siblings.indexOf(parameter) + ordinal };
}

/** Where the words stand: what is before and after them, in which clause, and which of several of their kind they are. */
function placeFeatures(span: Span, { entry, parameter, clause }: Slot, { names, siblings, nth }: Wanted): Features {
  const label = [...(span.found?.label.split(" ") ?? []), span.left];
  const isOneOf = span.found !== undefined && siblings > 1;
  const isThere = span.nth === nth;
  return [
    [`left:${span.left}`, HALF],
    [`right:${span.right}`, HALF],
    flag(
      "labelled",
      label.some((word) => names.has(word) || names.has(word.replace(/s$/, ""))),
    ),
    flag("labelledAfter", names.has(span.right)),
    flag("roleSaid", saysRole(parameter.meaning.qualifiers, span.left)),
    flag("placeFits", isOneOf && isThere),
    flag("placeWrong", isOneOf && !isThere),
    flag("outside", clause !== undefined && (span.from < clause.from || clause.to < span.to)),
    ["ofTool", shareOf(span.parts, entry.nameWords)],
  ];
}

const HALF = 0.5;

/** Small words that say which of several it is. */
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
  min: ["above", "over", "least", "from"],
  max: ["below", "under", "most", "to"],
};

export function saysRole(qualifiers: readonly string[], left: string): boolean {
  return qualifiers.some((word) => ROLES[word]?.includes(left) ?? false);
}

/** Of the words, those that stand in the tool's name: they say which tool is meant, and seldom what it is to be given. */
function shareOf(words: readonly string[], of: readonly string[]): number {
  const bare = (word: string): string => word.replace(/s$/, "");
  const known = new Set(of.map(bare));
  return words.length === 0 ? 0 : words.filter((word) => known.has(bare(word))).length / words.length;
}

function useFeatures({ parameter, entry, bound, before }: Slot, value: Json): Features {
  const isSame = (source: Source | undefined): boolean =>
    source?.kind === "said" && JSON.stringify(source.value) === JSON.stringify(value);
  const name = parameter.path[0] ?? "";
  return [
    flag("usedHere", Object.values(bound).some(isSame)),
    flag(
      "usedBefore",
      before.some((call) => call.tool === entry.name && isSame(call.arguments[name])),
    ),
  ];
}
