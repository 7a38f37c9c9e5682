import type { Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { learnChoice, LinearLearner, sharesOf, type Lesson, type LinearModel } from "#src/planning/learning/linear.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import { choicesFor } from "#src/planning/binding/choices.ts";
import { ordinalOf, type Choice, type Slot } from "#src/planning/binding/slot.ts";
import { habitsOf, NO_HABITS, type Habits } from "#src/planning/binding/habits.ts";
import type { Call, PastArgument, PastPlan, Source } from "#src/planning/binding/source.ts";
import { spansOf, type Span } from "#src/planning/binding/spans.ts";

// Which of its choices an argument is: a conditional logit over what speaks for each. It begins at weights that need no
// example, and plans that were made before teach it the rest.

export interface ArgumentModel {
  readonly linear: LinearModel;
  readonly habits: Habits;
}

const PRIOR: Readonly<Record<string, number>> = {
  none: 1.5,
  missing: -6,
  default: 3,
  unasked: -3,
  opaque: -3,
  verbFirst: -2,
  habit: 3,
  "said:text": -0.5,
  "said:option": 7,
  "said:number": -1.5,
  "said:integer": -1.5,
  "said:boolean": 3,
  "said:array": -2,
  "text:phrase": -1,
  whole: 1,
  part: -1,
  joined: -1,
  converted: 2,
  "text:name": 1,
  "text:quoted": 1.5,
  "text:date": -1,
  "text:number": -1,
  labelled: 5,
  labelledAfter: 2,
  roleSaid: 2,
  kindFits: 2,
  placeFits: 1,
  placeWrong: -1,
  cuts: -4,
  again: -0.3,
  outside: -1,
  ofTool: -2,
  usedHere: -2,
  usedBefore: -3,
  output: -2.5,
  feed: 5,
  "output:optional": -2,
  usual: 3,
  ordinalFits: 1,
  ordinalWrong: -2,
  twin: 3,
  distance: -0.2,
  inList: -0.5,
  text: 5,
};

const HOLD = 0.002;
const EPOCHS = { epochs: 12, rate: 0.4 };
/** The last plans; habits are those of all. */
const MAX_LEARNED = 200;

export function argumentModel(entries: readonly CatalogEntry[], past: readonly PastPlan[], now: number): ArgumentModel {
  const habits = past.length === 0 ? NO_HABITS : habitsOf(past);
  const linear = new LinearLearner(PRIOR, HOLD);
  const lessons = past.slice(-MAX_LEARNED).flatMap((plan) => lessonsOf(plan, { entries, habits, now }));
  inEpochs(lessons.length, EPOCHS, (at, rate) => {
    const lesson = lessons[at];
    if (lesson !== undefined) learnChoice(linear, lesson, rate);
  });
  return { linear, habits };
}

interface Teaching {
  readonly entries: readonly CatalogEntry[];
  readonly habits: Habits;
  readonly now: number;
}

function lessonsOf(plan: PastPlan, { entries, habits, now }: Teaching): readonly Lesson[] {
  const spans = readSpans(plan.request, now);
  const before: Call[] = [];
  return plan.calls.flatMap(({ tool, arguments: given }) => {
    const entry = entries.find(({ name }) => name === tool);
    const bound: Record<string, Source> = {};
    const around = { ordinal: ordinalOf(before, tool), before: [...before], entries, bound, spans };
    const lessons =
      entry === undefined
        ? []
        : topLevel(entry).flatMap((parameter) => lessonOf({ entry, parameter, ...around }, given, habits));
    before.push({ tool, arguments: bound });
    return lessons;
  });
}

/** What the argument was goes into `bound` as well. None where it was nothing that it could have been. */
function lessonOf(
  slot: Slot & { readonly bound: Record<string, Source> },
  given: Readonly<Record<string, PastArgument>>,
  habits: Habits,
): readonly Lesson[] {
  const name = slot.parameter.path[0] ?? "";
  const choices = choicesFor(slot, habits);
  const right = choices.flatMap((choice, at) => (isRight(choice, given[name]) ? [at] : []));
  const source = choices[right[0] ?? -1]?.source;
  if (source !== undefined) slot.bound[name] = source;
  const teaches = right.length > 0 && (source !== undefined || !slot.parameter.isRequired);
  return teaches ? [{ choices: choices.map(({ features }) => features), right: new Set(right) }] : [];
}

function readSpans(request: string, now: number): readonly Span[] {
  const result = analysed(request, { now });
  return result.kind === "unreadable" ? [] : spansOf(result.analysis);
}

/** Those without which nothing goes first: what they take is not to be had twice. */
export function topLevel({ parameters }: CatalogEntry): readonly MeantField[] {
  const own = parameters.filter(({ path }) => path.length === 1);
  return [...own.filter(({ isRequired }) => isRequired), ...own.filter(({ isRequired }) => !isRequired)];
}

function isRight({ source }: Choice, given: PastArgument | undefined): boolean {
  if (given === undefined || source === undefined) return given === undefined && source === undefined;
  if (given.kind === "output")
    return source.kind === "output" && source.call === given.call && source.path.join(".") === given.path.join(".");
  if (given.kind === "text")
    return source.kind === "text" && JSON.stringify(source.parts) === JSON.stringify(given.parts);
  return "value" in source && sameValue(source.value, given.value);
}

export function sameValue(one: Json, other: Json): boolean {
  return JSON.stringify(one).toLowerCase() === JSON.stringify(other).toLowerCase();
}

/** From this share on a required argument is rather bound than asked for. */
const LEAST_BOUND = 0.01;

function bestOf(choices: readonly Choice[], shares: readonly number[], isRequired: boolean): number {
  const eligible = shares.map((share, at) => (isRequired && choices[at]?.source === undefined ? LEAST_BOUND : share));
  return eligible.indexOf(Math.max(...eligible));
}

export interface BoundCall extends Call {
  /** Names of required arguments that nothing was found for. */
  readonly missing: readonly string[];
  /** How sure the arguments are: the mean of the logarithms of their shares. */
  readonly sureness: number;
}

/** The likeliest source of one argument; undefined leaves it out. */
export function boundArgument(
  model: ArgumentModel,
  slot: Slot,
): { readonly source: Source | undefined; readonly share: number } {
  const choices = choicesFor(slot, model.habits);
  const shares = sharesOf(
    model.linear,
    choices.map(({ features }) => features),
  );
  const best = bestOf(choices, shares, slot.parameter.isRequired);
  return { source: choices[best]?.source, share: shares[best] ?? 0 };
}

/** The arguments of calls that are made in this order. */
export function boundCalls(
  model: ArgumentModel,
  calls: readonly { readonly entry: CatalogEntry; readonly clause?: Slot["clause"] }[],
  { entries, spans }: { readonly entries: readonly CatalogEntry[]; readonly spans: readonly Span[] },
): readonly BoundCall[] {
  const before: BoundCall[] = [];
  for (const { entry, clause } of calls) {
    const bound: Record<string, Source> = {};
    const missing: string[] = [];
    let sureness = 0;
    const parameters = topLevel(entry);
    for (const parameter of parameters) {
      const name = parameter.path[0] ?? "";
      const slot = { entry, parameter, ordinal: ordinalOf(before, entry.name), before, entries, bound, spans, clause };
      const { source, share } = boundArgument(model, slot);
      sureness += Math.log(share) / parameters.length;
      if (source !== undefined) bound[name] = source;
      else if (parameter.isRequired) missing.push(name);
    }
    before.push({ tool: entry.name, arguments: bound, missing, sureness });
  }
  return before;
}
