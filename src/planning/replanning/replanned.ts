import type { PlanDefinition } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { coursesAfter, type Course } from "#src/planning/replanning/courses.ts";
import { sourceDiff } from "#src/planning/replanning/plan-diff.ts";
import { leftOutWith, withoutSteps } from "#src/planning/replanning/leaving-out.ts";
import { rebound, withArgument } from "#src/planning/replanning/rebinding.ts";
import { askedAgain } from "#src/planning/replanning/asked-again.ts";
import { nextId, readInstead, renamed } from "#src/planning/replanning/renaming.ts";
import {
  entryFor,
  isOpen,
  situationOf,
  stepsIn,
  type Cause,
  type Replanning,
  type Situation,
} from "#src/planning/replanning/situation.ts";
import { choicesFor, meantBy, type Choices, type Said } from "#src/planning/replanning/said-instead.ts";
import { surprisesIn } from "#src/planning/replanning/surprises.ts";

// What a plan does instead when a step of it failed for good, gave what nobody can go on with, or somebody has said more.
//
// R1. Pure: the same situation has the same answer.
// R2. What is done or under way is neither changed nor done again: only steps that have not begun, or have failed, become others, and none
//     of them is a call that was made before, but for one that waits first, once. What failed comes back under another id.
// R3. Nothing stronger: no tool that is forbidden, has more effects or needs more permissions; no argument is guessed where there are effects.
// R4. It ends: after MAX_REPLANNINGS somebody is asked, and after MAX_QUESTIONS about a step it is given up.

export const MAX_REPLANNINGS = 5;
const MAX_QUESTIONS = 2;

export type Replanned =
  | {
      readonly kind: "rest";
      /** The whole plan as it goes on, in the language's words. */
      readonly source: JsonObject;
      /** The part of its steps that has not begun. */
      readonly steps: JsonObject;
      /** Ids of the steps that are new, or do something else. */
      readonly changed: readonly string[];
      readonly explanation: string;
      /** Line by line, for people. */
      readonly changes: readonly string[];
    }
  | { readonly kind: "ask"; readonly step: string; readonly question: string; readonly choices: Choices }
  | { readonly kind: "give-up"; readonly step: string; readonly reason: string }
  /** Somebody has said so. */
  | { readonly kind: "stopped"; readonly step: string; readonly reason: string };

export function replanned(replanning: Replanning): Replanned {
  const begun = situationOf(replanning);
  const changed = new Set<string>();
  const told: string[] = [];
  let situation = begun;
  for (const cause of causesIn(begun)) {
    // What reads another step now has another id already, or is left out with it.
    if (told.length > 0 && situation.steps[cause.step] === undefined) continue;
    if (cause.kind === "stopped") return stopped(cause.step, situation);
    situation = { ...situation, cause };
    const found = changeFor(situation);
    if ("kind" in found) return found;
    for (const id of found.changed) changed.add(id);
    told.push(`${whyOf(situation)} Now ${found.explanation}.`);
    situation = { ...situation, source: found.source, steps: stepsIn(found.source) };
  }
  const { source, steps } = situation;
  const present = [...changed].filter((id) => Object.hasOwn(steps, id));
  return rest(source, { begun, changed: present, explanation: told.join(" ") });
}

/** Whatever else has failed has to become something else too: it would fail again. What somebody has said of one counts first. */
function causesIn(situation: Situation): readonly Said[] {
  const { cause, steps, outcomes, answers } = situation;
  const failed = Object.keys(steps).filter((id) => outcomes[id]?.state === "failed" && id !== cause.step);
  return [cause, ...failed.map((step): Cause => ({ kind: "failed", step }))].map((one) => {
    const last = one.kind === "failed" ? answers.findLast(({ step }) => step === one.step) : undefined;
    return (last === undefined ? undefined : meantBy(last.said, one.step, situation)) ?? one;
  });
}

function stopped(step: string, situation: Situation): NoChange {
  const why = whyOf({ ...situation, cause: { kind: "failed", step } });
  return { kind: "stopped", step, reason: `${why} Somebody has said that it ends here.` };
}

interface Change {
  /** The whole plan. */
  readonly source: JsonObject;
  readonly changed: readonly string[];
  readonly explanation: string;
}

type NoChange = Exclude<Replanned, { kind: "rest" }>;

function changeFor(situation: Situation): Change | NoChange {
  const { cause, replannings, accepts = yes } = situation;
  const why = whyOf(situation);
  if (situation.steps[cause.step] === undefined) return giveUp(situation, `the plan has no step ${cause.step}`);
  if (cause.kind !== "surprised" && !isOpen(cause.step, situation))
    return giveUp(situation, `${cause.step} has begun, and stays as it is`);
  if (cause.kind === "skipped") return changeWithout(situation, why);
  if (replannings >= MAX_REPLANNINGS && !isSaid(cause)) {
    return askOr(situation, `${why} The plan was changed ${replannings} times already. Say what to do instead.`);
  }
  for (const course of coursesFor(situation)) {
    const change = changeBy(course, situation);
    if (accepts(change.source)) return change;
  }
  return withoutCourse(situation, why);
}

function isSaid({ kind }: Cause): boolean {
  return kind !== "failed" && kind !== "surprised";
}

function changeWithout(situation: Situation, why: string): Change | NoChange {
  const { cause, source, accepts = yes } = situation;
  const others = leftOutWith(cause.step, situation);
  if (others === undefined) return withoutCourse(situation, why);
  const gone = [cause.step, ...others];
  const left = withoutSteps(source, gone, failureText(situation));
  const with_ = others.length === 0 ? "" : `, and with it ${others.join(", ")}`;
  return accepts(left)
    ? { source: left, changed: [], explanation: `it is left out${with_}` }
    : withoutCourse(situation, why);
}

/** What failed and does something else has another id from here on. */
function changeBy({ steps, readInstead: instead, explanation }: Course, situation: Situation): Change {
  const placed = withSteps(situation.source, steps);
  const read = instead === undefined ? { source: placed, readers: [] } : readInstead(placed, instead, situation);
  let { source } = read;
  const changed = [...Object.keys(steps), ...read.readers].map((id) => {
    if (situation.outcomes[id]?.state !== "failed") return id;
    const by = nextId(id, stepsIn(source));
    source = renamed(source, { id, by }, situation);
    return by;
  });
  return { source, changed, explanation };
}

function yes(): boolean {
  return true;
}

/** What is new stands before what waits for it. */
function withSteps(source: JsonObject, steps: Course["steps"]): JsonObject {
  const before = stepsIn(source);
  const added = Object.entries(steps).filter(([id]) => !Object.hasOwn(before, id));
  const first = Object.keys(before).find((id) => Object.hasOwn(steps, id));
  const after = Object.entries(before).flatMap(([id, step]) => [
    ...(id === first ? added : []),
    [id, steps[id] ?? step] as const,
  ]);
  return { ...source, steps: Object.fromEntries(first === undefined ? [...after, ...added] : after) };
}

interface Changed {
  readonly begun: Situation;
  readonly changed: readonly string[];
  readonly explanation: string;
}

function rest(source: JsonObject, { begun, changed, explanation }: Changed): Replanned {
  const open = Object.entries(stepsIn(source)).filter(([id]) => isOpen(id, begun));
  const changes = sourceDiff(begun.source, source);
  return { kind: "rest", source, steps: Object.fromEntries(open), changed, explanation, changes };
}

function coursesFor(situation: Situation): readonly Course[] {
  const { cause } = situation;
  switch (cause.kind) {
    case "failed":
      return coursesOfFailure(cause.step, situation);
    case "surprised":
      return askedAgain(cause.step, situation);
    case "informed":
      return coursesOfArgument(cause, situation);
    case "given": {
      const step = { value: literal(cause.value), description: "what somebody has said instead" };
      return [{ steps: { [cause.step]: step }, explanation: "it is what was said" }];
    }
    case "retried":
      return [{ steps: { [cause.step]: situation.steps[cause.step] ?? {} }, explanation: "the same again" }];
    case "skipped":
      return [];
  }
}

function coursesOfArgument(
  { step, parameter: name, value }: Extract<Cause, { kind: "informed" }>,
  situation: Situation,
): readonly Course[] {
  const parameters = entryFor(situation.steps[step] ?? {}, situation)?.parameters ?? [];
  const parameter = parameters.find(({ path }) => path.length === 1 && path[0] === name);
  return parameter === undefined ? [] : withArgument(step, { parameter, value }, situation);
}

const UNEXPLAINED = { category: "unknown", message: "" } as const;
/** Other values of the request may help. */
const OF_ARGUMENTS: ReadonlySet<string> = new Set(["validation", "not-found"]);

/** Where it read what an earlier step did not give, that one is asked again. */
function coursesOfFailure(id: string, situation: Situation): readonly Course[] {
  const step = situation.steps[id] ?? {};
  const entry = entryFor(step, situation);
  const error = situation.outcomes[id]?.error ?? UNEXPLAINED;
  const upstream = surprisesIn(situation.source, situation).filter(({ readers }) => readers.includes(id));
  return [
    ...upstream.flatMap((surprise) => askedAgain(surprise.step, situation)),
    ...(OF_ARGUMENTS.has(error.category) ? rebound(id, error.message, situation) : []),
    ...(entry === undefined ? [] : coursesAfter({ id, step, entry, error }, situation)),
  ];
}

function withoutCourse(situation: Situation, why: string): NoChange {
  const { cause, steps, outcomes } = situation;
  const { category } = outcomes[cause.step]?.error ?? UNEXPLAINED;
  const isDenied = Object.hasOwn(steps[cause.step] ?? {}, "approve") && category === "permission";
  if (isDenied || category === "cancelled") return giveUp(situation, why);
  const { wants } = choicesFor(cause.step, situation);
  if (wants !== undefined) return askOr(situation, `${why} What should ${wants.path[0] ?? ""} be?`);
  return askOr(
    situation,
    `${why} ${REFUSED.has(category) ? "Somebody has to allow it, or say" : "Say"} what to do instead.`,
  );
}

const REFUSED: ReadonlySet<string> = new Set(["permission", "authentication"]);

/** R4. */
function askOr(situation: Situation, question: string): NoChange {
  const { cause, answers } = situation;
  if (answers.filter(({ step }) => step === cause.step).length >= MAX_QUESTIONS)
    return giveUp(situation, `${whyOf(situation)} Nobody could say what else to do.`);
  return { kind: "ask", step: cause.step, question, choices: choicesFor(cause.step, situation) };
}

function giveUp({ cause }: Situation, reason: string): NoChange {
  return { kind: "give-up", step: cause.step, reason };
}

/** What somebody else's program says is shown in bounds. */
const MAX_MESSAGE_CHARS = 300;

function whyOf(situation: Situation): string {
  const { cause } = situation;
  const { step } = cause;
  if (cause.kind === "surprised")
    return `${step} gave what was not expected: ${cause.why.slice(0, MAX_MESSAGE_CHARS)}.`;
  if (cause.kind === "informed") return `It was said what ${cause.parameter} of ${step} is.`;
  const failed = `${failureText(situation)}.`;
  return cause.kind === "failed" ? failed : `${failed} Somebody was asked, and has said what to do.`;
}

function failureText({ cause: { step }, outcomes }: Situation): string {
  const { category = "unknown", message = "" } = outcomes[step]?.error ?? {};
  return `${step} failed (${category}${message === "" ? "" : `: ${message.slice(0, MAX_MESSAGE_CHARS)}`})`;
}

/** The definition of a changed plan, with the steps that have begun exactly as they were: also where their tools have changed since. */
export function keepingBegun(
  before: PlanDefinition,
  after: PlanDefinition,
  { outcomes }: Pick<Replanning, "outcomes">,
): PlanDefinition {
  const begun = new Map(before.steps.filter(({ id }) => !isOpen(id, { outcomes })).map((step) => [step.id, step]));
  return { ...after, steps: after.steps.map((step) => begun.get(step.id) ?? step) };
}
