import type { Json, JsonObject } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { decided, type Decider, type Decision } from "#src/planning/answering/decision.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Followed } from "#src/planning/conversation/follow-up.ts";
import { drafted, type Draft, type Drafted, type Planner } from "#src/planning/drafting/planner.ts";
import { withEarlier } from "#src/planning/request/earlier-results.ts";
import { withGiven } from "#src/planning/request/given-values.ts";
import type { Asked, PlanningGrounds } from "#src/planning/request/planned.ts";
import { listedCalls } from "#src/planning/writing/listed-calls.ts";

// What one request comes to: drafts of it, with what came along, what was answered and what earlier requests gave in the place of what
// its words do not say; and the decision between them.

export interface Around {
  /** Of the catalog: it takes a while to be made ready. */
  readonly decider: Decider;
  readonly planner: Planner;
  readonly entries: readonly CatalogEntry[];
  readonly asked: Asked;
  readonly grounds: PlanningGrounds;
}

export interface Thinking extends Around {
  readonly text: string;
  readonly analysed: ReturnType<typeof analysed>;
  readonly drafted: Drafted | undefined;
  /** The calls are those of a request before: nothing about them is a guess. */
  readonly isAgain: boolean;
}

export function thoughtsOn(follows: Extract<Followed, { kind: "new" | "again" }>, around: Around): Thinking {
  const { text } = follows;
  const result = analysed(text, { now: around.grounds.now });
  const found = result.kind === "analysed" ? drafted(around.planner, result.analysis) : undefined;
  const drafts =
    follows.kind === "again"
      ? [draftAgain(follows.calls)]
      : found?.drafts.map((draft) => filled(repeated(draft, result, around), follows.references, around));
  const isAgain = follows.kind === "again";
  const held = found && { ...found, drafts: drafts ?? [] };
  return { ...around, text, analysed: result, drafted: held, isAgain };
}

/** For the other things of a list that it has one of. */
function repeated(draft: Draft, result: ReturnType<typeof analysed>, { entries }: Around): Draft {
  if (result.kind !== "analysed") return draft;
  return { ...draft, calls: listedCalls(draft.calls, { analysis: result.analysis, entries }) };
}

/** Calls that were made before, with other arguments: nothing about them is a guess. */
function draftAgain(calls: readonly Call[]): Draft {
  return { calls: calls.map((call) => ({ ...call, missing: [], sureness: 0 })), probability: 1, expected: 1 };
}

/** What the context names goes before what a word like "it" may mean. */
function filled(
  draft: Draft,
  references: Extract<Followed, { kind: "new" }>["references"],
  { entries, asked, grounds }: Around,
): Draft {
  const calls = withGiven(draft.calls, entries, { answers: {}, context: asked.context, now: grounds.now });
  return withEarlier({ ...draft, calls }, references, { entries, earlier: asked.earlier });
}

/** `answers` by the ids of the questions that there would be without, or by names of parameters. */
export function decisionOn(thinking: Thinking, answers: JsonObject, how: typeof decided = decided): Decision {
  const decide = (values: JsonObject): Decision => {
    const { analysed: result, grounds } = thinking;
    const held = filledDrafts(thinking, values);
    return how(thinking.decider, { analysed: result, drafted: held, now: grounds.now, answers: values });
  };
  const first = decide(answers);
  if (first.kind !== "question") return first;
  const named = namedArguments(first.questions, answers);
  return named.length === 0 ? first : decide({ ...answers, ...Object.fromEntries(named) });
}

function namedArguments(questions: readonly Question[], answers: JsonObject): readonly [string, Json][] {
  return questions.flatMap(({ id, about }) =>
    about.flatMap(({ tool, parameter }): readonly [string, Json][] =>
      Object.hasOwn(answers, id) ? [[`${tool}.${parameter}`, answers[id] ?? null]] : [],
    ),
  );
}

/** With what came along and what was answered; those that lack nothing first. */
export function filledDrafts(
  { drafted: found, entries, asked, grounds }: Thinking,
  answers: JsonObject,
): Drafted | undefined {
  const given = found?.drafts.map((draft): Draft => ({
    ...draft,
    calls: withGiven(draft.calls, entries, { answers, context: asked.context, now: grounds.now }),
  }));
  const drafts = given === undefined ? [] : [...given.filter(isWhole), ...given.filter((one) => !isWhole(one))];
  return found && { ...found, drafts };
}

function isWhole({ calls }: Draft): boolean {
  return calls.length > 0 && calls.every(({ missing }) => missing.length === 0);
}

/** The same drafts, with the chosen one as it is with what came along. */
export function withChosen(drafts: readonly Draft[], chosen: Draft): readonly Draft[] {
  const toolsOf = ({ calls }: Draft): string => calls.map(({ tool }) => tool).join();
  const at = drafts.findIndex((one) => one.expected === chosen.expected && toolsOf(one) === toolsOf(chosen));
  return at < 0 ? [chosen, ...drafts] : drafts.with(at, chosen);
}
