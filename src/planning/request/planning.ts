import type { RestOfPlan } from "#events/definition.ts";
import { json, type JsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { decider, type Decision, type KeptConstraints } from "#src/planning/answering/decision.ts";
import { explained } from "#src/planning/answering/explanation.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { followed, type Followed } from "#src/planning/conversation/follow-up.ts";
import { requestsIn } from "#src/planning/conversation/requests-in.ts";
import { planner } from "#src/planning/drafting/planner.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import { templateEntry } from "#src/planning/fitting/template-entry.ts";
import { asking } from "#src/planning/request/asking.ts";
import { earlierItem } from "#src/planning/request/earlier-item.ts";
import { againByTemplate, byTemplate } from "#src/planning/request/by-template.ts";
import { heard, type Heard } from "#src/planning/request/heard.ts";
import type { Asked, LeftRequest, Planned, PlanningGrounds, PlanningRefusal } from "#src/planning/request/planned.ts";
import { findingsOf, modelFor } from "#src/planning/request/trained-catalog.ts";
import { sessionOf } from "#src/planning/request/past-plans.ts";
import { narrowed } from "#src/planning/request/request-grants.ts";
import { answersOf, joined, numberedQuestions } from "#src/planning/request/several-requests.ts";
import { decisionOn, thoughtsOn, withChosen, type Around, type Thinking } from "#src/planning/request/thinking.ts";
import { writtenRest } from "#src/planning/request/written-rest.ts";
import { isAmong } from "#src/planning/validation/grounds.ts";

// From a request to the rest of its plan: steps that do it, a question, or why there is neither. What the planning step does, without
// what is around it.
//
// P1. Pure: the same request on the same grounds gives the same rest.
// P2. A rest has passed the check and the validation (plan-rest.ts). A draft that does not is passed over.
// P3. Tools that plan, and those that nobody granted, are no candidates, whatever a request says.
// P4. Several requests in one text are planned one by one, and are one plan. What cannot be done of them does not keep the others from
//     being done; a question about one of them does.

export function planned(asked: Asked, grounds: PlanningGrounds): Planned {
  return concluded(considered(asked, grounds));
}

/** What each of the requests comes to by itself. */
export interface Considered {
  readonly outcomes: readonly Outcome[];
  readonly around: Around;
}

export function considered(asked: Asked, grounds: PlanningGrounds): Considered {
  const entries = plannable(grounds);
  const { past, now, trained } = grounds;
  const options = { past, now, trained: modelFor(trained, entries) };
  const made = grounds.kept?.for(entries, options) ?? planner(entries, options);
  const around = { entries, asked, grounds, planner: made, decider: decider(made) };
  const parts = requestsIn(asked.request).map(({ text }) => text);
  const outcomesWith = ({ texts, values }: Heard): readonly Outcome[] => {
    // What was answered is part of what was asked, where it is clear of which.
    const wishes = parts.length > 1 ? parts : [[asked.request, ...texts].join("\n")];
    return outcomesOf(wishes, values, around);
  };
  const known = withTemplates(entries, grounds);
  const said = heard(asked.answers, { entries: known, now, questions: (before) => questionsIn(outcomesWith(before)) });
  return { outcomes: outcomesWith(said), around };
}

export function concluded({ outcomes, around }: Considered): Planned {
  const open = questionsIn(outcomes);
  return open.length > 0 ? asking(open, around.asked, around.grounds) : together(outcomes, around);
}

function withTemplates(entries: readonly CatalogEntry[], { templates = [] }: PlanningGrounds): readonly CatalogEntry[] {
  return [...entries, ...templates.map(templateEntry)];
}

/** P3. */
export function plannable({ tools, granted, reports }: PlanningGrounds): readonly CatalogEntry[] {
  const { permissions = [], forbidden = [] } = granted;
  const usable = tools.list().filter((tool) => {
    if (tool.name.startsWith(OWN) || isAmong(tool.name, [...UNASKED, ...forbidden])) return false;
    return (tool.permissions ?? []).every((permission) => isAmong(permission, permissions));
  });
  return toolCatalog(usable, reports);
}

const OWN = "planwright.";
/** A command line is no capability: whoever wants one run writes the plan. Changes are planned from requirements. */
const UNASKED = ["shell.*", "model.*", "requirement.*", "code.*", "change.*", "changes.*"];

/** One of the requests. */
interface Wish {
  readonly text: string;
  /** What was answered of it. */
  readonly answers: JsonObject;
  /** Of several its number, from 1; undefined of what is all that was asked. */
  readonly number: number | undefined;
}

/** How it was thought about and decided on. */
export interface Thought extends Wish {
  readonly thinking: Thinking;
  readonly analysis: Analysis;
  readonly decision: Decision;
}

/** What one of the requests comes to. */
export type Outcome = { readonly thought?: Thought } & (
  | { readonly kind: "question"; readonly questions: readonly Question[] }
  | { readonly kind: "whole"; readonly planned: Planned }
  | Going
  | Left
);

interface Going {
  readonly kind: "go";
  readonly thinking: Thinking;
  readonly analysis: Analysis;
  readonly decision: Extract<Decision, { kind: "go" }>;
}

interface Left {
  readonly kind: "left";
  readonly text: string;
  readonly why: PlanningRefusal;
}

function outcomesOf(wishes: readonly string[], answers: JsonObject, around: Around): readonly Outcome[] {
  return wishes.map((wish, at) => {
    const number = wishes.length > 1 ? at + 1 : undefined;
    return outcomeOf({ text: wish, answers: answersOf(answers, number), number }, around);
  });
}

function questionsIn(outcomes: readonly Outcome[]): readonly Question[] {
  return outcomes.flatMap((one) => (one.kind === "question" ? one.questions : []));
}

function outcomeOf(wish: Wish, around: Around): Outcome {
  const { text, answers, number } = wish;
  const { entries, asked, grounds } = around;
  const known = withTemplates(entries, grounds);
  const follows = followed(text, sessionOf(asked.earlier), { entries: known, now: grounds.now, answers });
  switch (follows.kind) {
    case "question":
      return { kind: "question", questions: numberedQuestions(follows.questions, number) };
    case "item":
      return { kind: "whole", planned: earlierItem(follows.item, asked, grounds) };
    case "cancel":
    case "answer":
      return { kind: "left", text, why: elsewhere(follows) };
    case "again":
      return repeated(follows, around) ?? thoughtOutcome(thoughtsOn(follows, around), wish);
    case "new":
      return thoughtOutcome(thoughtsOn(follows, around), wish);
  }
}

/** Undefined of what was no template. */
function repeated(follows: Extract<Followed, { kind: "again" }>, around: Around): Outcome | undefined {
  const found = againByTemplate(follows, around);
  if (found?.kind !== "against") return found;
  const why: PlanningRefusal = { kind: "refusal", category: "validation", code: "plan-not-valid", message: found.why };
  return { kind: "left", text: follows.text, why };
}

function thoughtOutcome(thinking: Thinking, wish: Wish): Outcome {
  const { text, answers, number } = wish;
  const { analysed } = thinking;
  if (analysed.kind === "unreadable")
    return { kind: "left", text, why: { kind: "refusal", category: "validation", ...analysed.why } };
  const decision = decisionOn(thinking, answers);
  const template = number === undefined ? byTemplate({ thinking, decision, answers }) : undefined;
  if (template !== undefined && template.kind !== "against") return template;
  const told =
    template !== undefined && decision.kind === "refusal"
      ? { ...decision, message: `${decision.message}; ${template.why}` }
      : decision;
  return decidedOutcome({ ...wish, thinking, analysis: analysed.analysis, decision: told });
}

/** What a decision means for its request. */
export function decidedOutcome(thought: Thought): Outcome {
  const { text, thinking, analysis, decision, number } = thought;
  if (decision.kind === "question")
    return { kind: "question", questions: numberedQuestions(decision.questions, number), thought };
  if (decision.kind === "refusal") return { kind: "left", text, why: refusalOf(decision), thought };
  return { kind: "go", thinking, analysis, decision, thought };
}

/** What is said to a plan of before is not another plan. */
function elsewhere({ kind, of }: Extract<Followed, { kind: "cancel" | "answer" }>): PlanningRefusal {
  const message = `this is about the request of plan ${of}, and no new one; ${kind} it: planwright ${kind} ${of}`;
  return { kind: "refusal", category: "conflict", code: "request-about-another", message, details: { plan: of } };
}

type Refused = Extract<Decision, { kind: "refusal" }>;

function refusalOf({ code, message, nearest, subjects }: Refused): PlanningRefusal {
  const near = nearest.map(({ tool }) => tool);
  const named = near.length === 0 ? "" : `; nearest: ${near.join(", ")}`;
  return {
    kind: "refusal",
    category: nearest.length + subjects.length > 0 ? "not-found" : "validation",
    code,
    message: `${message}${named}`,
    details: { nearest: json.parse(nearest), subjects: json.parse(subjects) },
  };
}

/** P4. */
function together(outcomes: readonly Outcome[], around: Around): Planned {
  const going = outcomes.filter((one) => one.kind === "go");
  const left = outcomes.filter((one) => one.kind === "left");
  const [first, ...others] = left;
  if (going.length > 0) return goingOn(going, left, around);
  const whole = outcomes.find((one) => one.kind === "whole");
  if (whole !== undefined) return whole.planned;
  if (first === undefined) throw new TypeError("a request came to nothing");
  if (others.length === 0) return first.why;
  return { ...first.why, message: left.map(({ text, why }) => `${shortened(text)}: ${why.message}`).join("\n") };
}

function goingOn(going: readonly Going[], left: readonly Left[], { asked, grounds, planner: made }: Around): Planned {
  const { text, calls } = joined(
    going.map(({ thinking, decision }) => ({ text: thinking.text, calls: decision.draft.calls })),
  );
  const kept = going.map(({ decision }) => decision.constraints);
  const notDone = left.map(({ text: wish, why }): LeftRequest => {
    return { request: shortened(wish), code: why.code, message: why.message };
  });
  const written = writtenRest(calls, {
    request: text,
    intents: going.flatMap(({ analysis }) => analysis.intents),
    notDone,
    planner: made,
    grounds: bounded(grounds, kept),
    asked,
  });
  if (!written.ok) {
    const [first] = written.findings;
    const message = `the plan that was made cannot run: ${first?.message ?? "it has no steps"}`;
    return { kind: "refusal", category: "validation", code: "plan-not-valid", message };
  }
  return {
    kind: "plan",
    rest: { ...written.rest, ...deadlineOf(kept, grounds) },
    made: { text, calls: calls.map(({ tool, arguments: bound }) => ({ tool, arguments: bound })) },
    thoughts: going.map(({ analysis, thinking, decision }) =>
      explained(analysis, {
        planner: made,
        drafts: withChosen(thinking.drafted?.drafts ?? [], decision.draft),
        chosen: decision.draft,
        prohibitions: decision.constraints.prohibitions,
        findings: findingsOf(grounds.trained, made.entries),
      }),
    ),
    constraints: kept,
    ...(notDone.length === 0 ? {} : { notDone }),
    estimate: estimated(written.definition, { durations: historyFrom(grounds.reports), now: grounds.now }),
  };
}

const MAX_SHORTENED_CHARS = 120;

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_SHORTENED_CHARS ? line : `${line.slice(0, MAX_SHORTENED_CHARS - 1).toWellFormed()}…`;
}

/** What one of them forbids is done for none: they are one plan. */
function bounded(grounds: PlanningGrounds, constraints: readonly KeptConstraints[]): PlanningGrounds {
  const { granted } = grounds;
  const forbidden = constraints.flatMap((one) => one.forbidden);
  const budgets = constraints.flatMap(({ budget }) => budget ?? []);
  const [budget] = budgets.toSorted((one, other) => one.amount - other.amount);
  return {
    ...grounds,
    granted: {
      ...narrowed(granted, forbidden),
      ...(budget === undefined ? {} : { budget: { amount: budget.amount, currency: budget.currency } }),
    },
  };
}

/** The first of them. */
function deadlineOf(constraints: readonly KeptConstraints[], { now }: PlanningGrounds): Pick<RestOfPlan, "deadlineMs"> {
  const moments = constraints.flatMap(({ deadline }) => (deadline === undefined ? [] : [deadline.at]));
  const at = Math.min(...moments);
  return moments.length === 0 || at <= now ? {} : { deadlineMs: at - now };
}
