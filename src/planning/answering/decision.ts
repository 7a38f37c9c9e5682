import type { JsonObject } from "#events/json.ts";
import type { Analysis, Analysed } from "#src/planning/analysis/analyse.ts";
import {
  budgetsOf,
  deadlinesOf,
  leastOf,
  type Budget,
  type Clock,
  type Deadline,
  type Least,
} from "#src/planning/answering/bounds.ts";
import { contradiction } from "#src/planning/answering/contradictions.ts";
import { subjectsOf, type Subject } from "#src/planning/answering/capability.ts";
import { foreignLanguage } from "#src/planning/answering/language.ts";
import {
  forbiddenId,
  NONE,
  settledBudgets,
  settledChoice,
  settledDeadlines,
  settledProhibitions,
} from "#src/planning/answering/settled.ts";
import { isNamed, prohibitionsOf, type Prohibition } from "#src/planning/answering/prohibitions.ts";
import { MAX_QUESTIONS, missingQuestions, type Question } from "#src/planning/answering/questions.ts";
import {
  catalogScope,
  LEAST_LIKENESS,
  likenesses,
  nearestTools,
  type Near,
  type Scope,
} from "#src/planning/answering/scope.ts";
import { chosenDraft, type Choice } from "#src/planning/answering/draft-choice.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import type { Draft, Drafted, Planner } from "#src/planning/drafting/planner.ts";
import { knownTerms } from "#src/planning/prediction/described-catalog.ts";

// What becomes of a request that was analysed and drafted: it goes on, something has to be asked first, or it is refused.
//
// A1. Every request gets exactly one of the three, with words that say why; the same request, catalog and moment get the same.
// A2. What forbids is kept: a draft with a forbidden tool never goes on, and a prohibition that no tool could be found for is asked about.
// A3. Effects are never guessed: where two drafts are equally good and one of them does more harm, somebody chooses.

export interface Decider {
  readonly planner: Planner;
  readonly scope: Scope;
  readonly subjects: readonly Subject[];
}

export interface Asking extends Clock {
  readonly analysed: Analysed;
  /** As `drafted` gives it; undefined of what cannot be read. */
  readonly drafted: Drafted | undefined;
  /** What a plan of these calls takes at least, by an estimate that knows more than the catalog. */
  readonly least?: (draft: Draft) => Least;
  /** To questions that the same request led to before, by their ids. */
  readonly answers?: JsonObject;
}

export type Decision = Go | Questions | Refusal;

interface Questions {
  readonly kind: "question";
  readonly questions: readonly Question[];
  /** Which one goes on when they are answered. */
  readonly draft: Draft;
}

interface Go {
  readonly kind: "go";
  readonly draft: Draft;
  readonly constraints: KeptConstraints;
  /** A draft that is as good, where there is one. */
  readonly runnerUp?: Draft;
}

export interface KeptConstraints {
  readonly deadline?: Deadline;
  readonly budget?: Budget;
  /** Names of tools that this plan, its fallbacks and its revisions must not call. */
  readonly forbidden: readonly string[];
  readonly prohibitions: readonly Prohibition[];
}

interface Refusal {
  readonly kind: "refusal";
  readonly code: string;
  /** What is wrong, and after a semicolon what to do. */
  readonly message: string;
  /** What the catalog has that comes nearest; empty where that is no answer. */
  readonly nearest: readonly Near[];
  /** What the catalog is about. */
  readonly subjects: readonly Subject[];
}

/** Once for a catalog. */
export function decider(planner: Planner): Decider {
  const { entries, relevance } = planner;
  return { planner, scope: catalogScope(entries, relevance.index.described), subjects: subjectsOf(entries) };
}

export function decided(decider: Decider, asking: Asking): Decision {
  const { analysed, drafted } = asking;
  if (analysed.kind === "unreadable") return refusal(decider, analysed.why);
  const { analysis } = analysed;
  const found = drafted ?? { drafts: [], scores: [], known: [] };
  const said = likenesses(decider.scope, analysis, found.scores);
  // What a model knows from requests has to do with them, whatever words the tools use.
  const likeness = said.map((one, at) => Math.max(one, found.known[at] ?? 0));
  const foreign = foreignRefusal(decider, { analysis, likeness });
  if (foreign !== undefined) return foreign;
  if (found.drafts.length === 0 || Math.max(0, ...likeness) < LEAST_LIKENESS) return outOfScope(decider, likeness);
  return withinScope(decider, { answers: {}, ...asking, analysis, drafts: found.drafts, likeness });
}

/** The same of drafts of somebody else who has read the request: its language and scope are not looked at again. */
export function decidedOn(decider: Decider, asking: Asking): Decision {
  const { analysed, drafted } = asking;
  if (analysed.kind === "unreadable") return refusal(decider, analysed.why);
  const { analysis } = analysed;
  const { drafts, scores } = drafted ?? { drafts: [], scores: [] };
  const likeness = likenesses(decider.scope, analysis, scores);
  return drafts.length === 0
    ? outOfScope(decider, likeness)
    : withinScope(decider, { answers: {}, ...asking, analysis, drafts, likeness });
}

interface Held {
  readonly analysis: Analysis;
  readonly likeness: readonly number[];
}

interface InScope extends Asking, Held {
  readonly answers: JsonObject;
  readonly drafts: readonly Draft[];
}

function withinScope(decider: Decider, asking: InScope): Decision {
  const { planner } = decider;
  const { analysis, answers } = asking;
  const said = analysis.constraints;
  const prohibitions = settledProhibitions(prohibitionsOf(said, planner.entries), planner.entries, answers);
  const deadlines = settledDeadlines(deadlinesOf(said, asking), answers);
  const budgets = settledBudgets(budgetsOf(said), answers);
  const forbidden = [...new Set(prohibitions.flatMap(({ tools }) => tools))];
  const allowed = forbidden.length === 0 ? asking.drafts : allowedDrafts(decider, asking, forbidden);
  if (allowed.length === 0) return allForbidden(decider, asking, prohibitions);
  const open = chosenDraft(allowed, planner.entries);
  const choice = settledChoice(open, choiceQuestion(open, analysis), answers);
  const against = contradiction({ deadlines, budgets, now: asking.now, least: leastFor(decider, asking, choice) });
  if (against?.kind === "refusal") return refusal(decider, against);
  const questions = [
    ...(against?.questions ?? []),
    ...prohibitions.flatMap((one) => unresolved(one, choice.draft)),
    ...choiceQuestion(choice, analysis),
    ...missingQuestions(choice.draft.calls, planner.entries, placeOf(decider, analysis)),
  ];
  const { draft, runnerUp } = choice;
  if (questions.length > 0) return { kind: "question", questions: questions.slice(0, MAX_QUESTIONS), draft };
  const constraints = { ...kept(deadlines, budgets), forbidden, prohibitions };
  return { kind: "go", draft, constraints, ...(runnerUp && { runnerUp }) };
}

function kept(
  [deadline]: readonly Deadline[],
  [budget]: readonly Budget[],
): Pick<KeptConstraints, "deadline" | "budget"> {
  return { ...(deadline && { deadline }), ...(budget && { budget }) };
}

/** A2: and what is left has to do with the request by itself. */
function allowedDrafts(
  { planner }: Decider,
  { drafts, likeness }: InScope,
  forbidden: readonly string[],
): readonly Draft[] {
  const isNear = (tool: string): boolean =>
    (likeness[planner.entries.findIndex(({ name }) => name === tool)] ?? 0) >= LEAST_LIKENESS;
  return drafts.filter(
    ({ calls }) => !calls.some(({ tool }) => forbidden.includes(tool)) && calls.some(({ tool }) => isNear(tool)),
  );
}

function leastFor({ planner }: Decider, { least }: Asking, { draft }: Choice): Least {
  return least?.(draft) ?? leastOf(draft.calls, planner.entries);
}

/** F1: what it forbids is asked, with the tools that would be called as what it may mean. */
function unresolved(prohibition: Prohibition, { calls }: Draft): readonly Question[] {
  const { what, tools, by, ...said } = prohibition;
  if (tools.length > 0 || by === "answer") return [];
  const meant = [...new Set(calls.map(({ tool }) => tool))];
  return [
    {
      id: forbiddenId(prohibition),
      text: `“${said.words}” forbids something that no tool is known to do. Which of the tools that would be called does it mean?`,
      schema: { type: "string", enum: [NONE, ...meant] },
      about: [],
      choices: [
        { value: NONE, text: "none of them: go on" },
        ...meant.map((tool) => ({ value: tool, text: `do not use ${tool}` })),
      ],
      words: { from: said.from, to: said.to, words: what === "" ? said.words : what },
    },
  ];
}

/** A3. */
function choiceQuestion({ draft, rival }: Choice, { text }: Analysis): readonly Question[] {
  if (rival === undefined) return [];
  const told = (one: Draft): string => one.calls.map(({ tool }) => tool).join(", then ");
  return [
    {
      id: "plan",
      text: `Two plans fit as well, and one of them does more than the other: 1, ${told(draft)}; or 2, ${told(rival)}. Which one?`,
      schema: { type: "integer", enum: [1, 2] },
      about: [],
      choices: [draft, rival].map((one, at) => ({ value: at + 1, text: told(one) })),
      words: { from: 0, to: text.length, words: text },
    },
  ];
}

/** The clause of the request that says most of what the tool says. */
function placeOf({ planner }: Decider, { intents }: Analysis): (tool: string) => Said | undefined {
  const { described } = planner.relevance.index;
  const clauses = intents.map((said) => ({ said, terms: knownTerms(described, said.words) }));
  return (tool) => {
    const own = described.tools.find(({ name }) => name === tool)?.terms;
    const fitting = clauses.map(({ said, terms }) => ({
      said,
      fit: [...terms].reduce((sum, [term, weight]) => sum + weight * (own?.get(term) ?? 0), 0),
    }));
    return fitting.toSorted((one, other) => other.fit - one.fit)[0]?.said;
  };
}

function outOfScope(decider: Decider, likeness: readonly number[]): Refusal {
  if (decider.planner.entries.length === 0) {
    const message =
      "there are no tools that a plan could call; add some by `--tools`, MCP servers or OpenAPI documents";
    return refusal(decider, { code: "no-tools", message });
  }
  const nearest = nearestTools(decider.scope, likeness);
  const message = "no tool has anything to do with this; ask for what the tools can do, or add tools that can do it";
  return { ...refusal(decider, { code: "out-of-scope", message }), nearest };
}

/** A tool that is called by its name says what is meant in any language. */
function foreignRefusal(decider: Decider, { analysis, likeness }: Held): Refusal | undefined {
  const { planner, scope } = decider;
  const { described } = planner.relevance.index;
  const foreign = foreignLanguage(analysis, (word) => knownTerms(described, word).size > 0);
  if (foreign === undefined || planner.entries.some((entry) => isNamed(entry, analysis.text))) return undefined;
  const what = foreign.script === undefined ? "in a language that is not English" : `in ${foreign.script} script`;
  const message = `the request seems to be ${what}, and without a language model English is understood; ask in English, name the tools, or configure a model`;
  return { ...refusal(decider, { code: "language-unknown", message }), nearest: nearestTools(scope, likeness) };
}

function allForbidden(decider: Decider, { likeness }: InScope, prohibitions: readonly Prohibition[]): Refusal {
  const said = prohibitions.map(({ words }) => `“${words}”`).join(", ");
  const message = `every tool that fits is forbidden by ${said}; allow one of them, or ask for something else`;
  return { ...refusal(decider, { code: "tools-forbidden", message }), nearest: nearestTools(decider.scope, likeness) };
}

function refusal({ subjects }: Decider, { code, message }: { code: string; message: string }): Refusal {
  return { kind: "refusal", code, message, nearest: [], subjects };
}
