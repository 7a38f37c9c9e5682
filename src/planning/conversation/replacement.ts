import type { Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Clock } from "#src/planning/answering/bounds.ts";
import { asArgument } from "#src/planning/binding/as-argument.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import { spansOf, type Span } from "#src/planning/binding/spans.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { splicedText } from "#src/planning/conversation/spliced-text.ts";
import type { Turn } from "#src/planning/conversation/session.ts";

// What is said instead, put where it belongs in the calls of an earlier request: a place where a place was, a date where a date was.
//
// R1. A value replaces one of its kind, wherever that stood: two calls that had the same one both get the new one.
// R2. Of several the word before decides ("to Lima"); where it does not, it is asked. A value that fits nowhere replaces nothing.
// R3. What was given by default is replaced where exactly one argument can be such a thing.

export interface Replaced {
  readonly parameter: string;
  readonly tools: readonly string[];
  /** Undefined where it was not said before. */
  readonly before?: Json;
  readonly value: Json;
  /** In the text as it now stands. */
  readonly said: Said;
}

export type Replacement =
  | {
      readonly kind: "replaced";
      readonly text: string;
      readonly calls: readonly Call[];
      readonly replaced: readonly Replaced[];
    }
  | { readonly kind: "question"; readonly questions: readonly Question[] }
  | { readonly kind: "nothing" };

export interface Replacing extends Clock {
  readonly entries: readonly CatalogEntry[];
  readonly answers: Readonly<Record<string, Json>>;
}

/** Arguments with one value, and where it was said. */
interface Target {
  readonly slots: readonly { readonly call: number; readonly name: string; readonly field: MeantField }[];
  /** Of what was said: what kind of value; undefined of what was not said. */
  readonly group?: string | undefined;
  readonly left?: string | undefined;
  readonly before?: Json;
  readonly said?: Said;
}

interface Edit {
  readonly target: Target;
  readonly span: Span;
}

export function replacedIn(turn: Turn, rest: string, replacing: Replacing): Replacement {
  const result = analysed(rest, replacing);
  if (result.kind === "unreadable") return { kind: "nothing" };
  const targets = targetsOf(turn, replacing);
  const edits: Edit[] = [];
  const questions: Question[] = [];
  for (const span of saidInstead(spansOf(result.analysis), targets, replacing.entries)) {
    const free = targets.filter((target) => !edits.some((edit) => edit.target === target));
    const fitting = narrowed(fittingTargets(span, free), span);
    const [target] = fitting;
    const answer = replacing.answers[`instead.${span.from}`];
    const meant =
      fitting.length === 1 ? target : fitting.find(({ before }) => before !== undefined && before === answer);
    if (meant !== undefined) edits.push({ target: meant, span });
    else questions.push(insteadOfWhat(span, fitting));
  }
  if (questions.length > 0) return { kind: "question", questions };
  return edits.length === 0 ? { kind: "nothing" } : edited(turn, edits);
}

/** Values that were found; where there is none, the phrase that is all of it, unless it names what some tool is about. */
function saidInstead(
  spans: readonly Span[],
  targets: readonly Target[],
  entries: readonly CatalogEntry[],
): readonly Span[] {
  const isOption = (span: Span): boolean =>
    targets.some(({ slots }) =>
      slots.some(({ field }) => field.options !== undefined && asArgument(span, field) !== undefined),
    );
  const options = spans.filter(isOption);
  const values = spans.filter(
    (span) => span.found !== undefined && !options.some((one) => one.from < span.to && span.from < one.to),
  );
  if (values.length + options.length > 0) return [...values, ...options].sort((one, other) => one.from - other.from);
  const known = new Set(entries.flatMap((entry) => entry.nameWords));
  const longest = spans.toSorted((one, other) => other.to - other.from - (one.to - one.from))[0];
  const isFree = longest?.parts.every((word) => !known.has(word) && !SMALL.has(word)) ?? false;
  return longest !== undefined && isFree ? [longest] : [];
}

const SMALL: ReadonlySet<string> = new Set(SMALL_WORDS);

/** R1: arguments by their value. */
function targetsOf(turn: Turn, replacing: Replacing): readonly Target[] {
  const result = analysed(turn.text, replacing);
  const spans = result.kind === "unreadable" ? [] : spansOf(result.analysis);
  const targets = new Map<string, Target>();
  for (const { source, ...slot } of slotsOf(turn, replacing.entries)) {
    const target = targetOf(source, spans);
    if (target === undefined) continue;
    const { said, before } = target;
    const key = said === undefined ? `${slot.call}.${slot.name}` : `${said.from} ${JSON.stringify(before)}`;
    targets.set(key, { ...target, slots: [...(targets.get(key)?.slots ?? []), slot] });
  }
  return [...targets.values()];
}

type Slot = Target["slots"][number] & { readonly source: Source | undefined };

/** Every argument that the calls have or could have. */
function slotsOf({ calls }: Turn, entries: readonly CatalogEntry[]): readonly Slot[] {
  return calls.flatMap(({ tool, arguments: given }, call) => {
    const { parameters = [] } = entries.find(({ name }) => name === tool) ?? {};
    return parameters.flatMap((field): readonly Slot[] => {
      const [name, ...inner] = field.path;
      if (name === undefined || inner.length > 0) return [];
      return [{ call, name, field, source: Object.hasOwn(given, name) ? given[name] : undefined }];
    });
  });
}

/** Undefined of what comes from another call. */
function targetOf(source: Source | undefined, spans: readonly Span[]): Omit<Target, "slots"> | undefined {
  if (source === undefined || source.kind === "default" || source.kind === "habit") return {};
  if (source.kind !== "said") return undefined;
  const { said, value: before } = source;
  const own = spans.find(({ from, to }) => from === said.from && to === said.to);
  return { before, said, group: own === undefined ? undefined : groupOf(own), left: own?.left };
}

const GROUPS: Readonly<Partial<Record<Span["kind"], string>>> = {
  ...{
    "date-range": "date",
    "date-time": "date",
    percent: "number",
    money: "number",
    quoted: "text",
    phrase: "text",
    name: "text",
  },
};

function groupOf({ kind }: Span): string {
  return GROUPS[kind] ?? kind;
}

/** What has options first, where it says one; then what is of its kind; then what nobody said before (R3). */
function fittingTargets(span: Span, targets: readonly Target[]): readonly Target[] {
  const canBe = ({ slots }: Target): boolean => slots.every(({ field }) => asArgument(span, field) !== undefined);
  const fitting = targets.filter(canBe);
  const optional = fitting.filter(({ slots }) => slots.some(({ field }) => field.options !== undefined));
  if (optional.length > 0) return optional;
  const said = fitting.filter(({ said: before, group }) => before !== undefined && group === groupOf(span));
  if (said.length > 0) return said;
  return fitting.filter(
    ({ said: before, slots }) => before === undefined && slots.some(({ field }) => isOfKind(span, field)),
  );
}

function isOfKind(span: Span, { meaning, format }: MeantField): boolean {
  if (groupOf(span) === "date") return (format ?? meaning.kinds[0] ?? "").startsWith("date");
  return meaning.kinds.includes(span.kind);
}

/** R2. */
function narrowed(targets: readonly Target[], span: Span): readonly Target[] {
  if (targets.length < 2) return targets;
  const alike = targets.filter(({ left }) => left === span.left);
  if (alike.length === 1) return alike;
  const named = targets.filter(({ slots }) => slots.some(({ name }) => nameWords(name).includes(span.left)));
  return named.length === 1 ? named : targets;
}

function insteadOfWhat(span: Span, fitting: readonly Target[]): Question {
  const choices = fitting.flatMap(({ before, said }) =>
    before === undefined ? [] : [{ value: before, text: `instead of ${said?.words ?? ""}` }],
  );
  const what =
    choices.length === 0
      ? "the last request has nothing that it could replace"
      : choices.map(({ text }) => text).join(", or ");
  return {
    id: `instead.${span.from}`,
    text: `Where does “${span.words}” belong: ${what}?`,
    schema: choices.length === 0 ? { type: "string" } : { enum: choices.map(({ value }) => value) },
    about: [],
    ...(choices.length === 0 ? {} : { choices }),
    words: { from: span.from, to: span.to, words: span.words },
  };
}

function edited({ text, calls }: Turn, edits: readonly Edit[]): Replacement {
  const splices = edits.map(({ target, span }) => ({
    words: span.words,
    lead: SMALL.has(span.left) ? `${span.left} ` : "",
    ...(target.said === undefined ? {} : { at: target.said }),
  }));
  const spliced = splicedText(text, splices);
  const placed = new Map(edits.map((edit, at) => [edit, spliced.places[at]]));
  const shifted = (source: Source): Source =>
    source.kind === "said" ? { ...source, said: spliced.moved(source.said) } : source;
  const now = calls.map(({ tool, arguments: given }, index): Call => ({
    tool,
    arguments: {
      ...Object.fromEntries(Object.entries(given).map(([name, source]) => [name, shifted(source)])),
      ...Object.fromEntries(newArguments(index, edits, placed)),
    },
  }));
  const replaced = edits.flatMap((edit) => told(edit, calls, placed.get(edit)));
  return { kind: "replaced", text: spliced.text, calls: now, replaced };
}

function newArguments(
  call: number,
  edits: readonly Edit[],
  placed: ReadonlyMap<Edit, Said | undefined>,
): readonly (readonly [string, Source])[] {
  return edits.flatMap((edit) => {
    const said = placed.get(edit);
    return edit.target.slots.flatMap(({ call: of, name, field }): readonly (readonly [string, Source])[] => {
      const value = asArgument(edit.span, field);
      return of === call && value !== undefined && said !== undefined ? [[name, { kind: "said", value, said }]] : [];
    });
  });
}

function told(edit: Edit, calls: readonly Call[], said: Said | undefined): readonly Replaced[] {
  const [first] = edit.target.slots;
  const value = first && asArgument(edit.span, first.field);
  if (first === undefined || value === undefined || said === undefined) return [];
  const { before } = edit.target;
  const tools = [...new Set(edit.target.slots.map(({ call }) => calls[call]?.tool ?? ""))];
  return [{ parameter: first.name, tools, ...(before === undefined ? {} : { before }), value, said }];
}
