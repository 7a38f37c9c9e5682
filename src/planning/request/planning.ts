import type { RestOfPlan } from "#events/definition.ts";
import { json, type Json, type JsonObject } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { decided, decider, type Decision, type KeptConstraints } from "#src/planning/answering/decision.ts";
import { explained } from "#src/planning/answering/explanation.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { followed, type Followed } from "#src/planning/conversation/follow-up.ts";
import { drafted, planner, type Draft, type Drafted, type Planner } from "#src/planning/drafting/planner.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import { asking } from "#src/planning/request/asking.ts";
import { answersIn, withGiven } from "#src/planning/request/given-values.ts";
import type { Asked, Planned, PlanningGrounds, PlanningRefusal } from "#src/planning/request/planned.ts";
import { sessionOf } from "#src/planning/request/past-plans.ts";
import { writtenRest } from "#src/planning/request/written-rest.ts";
import { isAmong } from "#src/planning/validation/grounds.ts";

// From a request to the rest of its plan: steps that do it, a question, or why there is neither. What the planning step does, without
// what is around it.
//
// P1. Pure: the same request on the same grounds gives the same rest.
// P2. A rest has passed the check and the validation (plan-rest.ts). A draft that does not is passed over.
// P3. Tools that plan, and those that nobody granted, are no candidates, whatever a request says.

export function planned(asked: Asked, grounds: PlanningGrounds): Planned {
  const { texts, values } = answersIn(asked.answers);
  const request = [asked.request, ...texts].join("\n");
  const entries = plannable(grounds);
  const follows = followed(request, sessionOf(asked.earlier), { entries, now: grounds.now, answers: values });
  if (follows.kind === "question") return asking(follows.questions, asked, grounds);
  if (follows.kind === "cancel" || follows.kind === "answer" || follows.kind === "item") return elsewhere(follows);
  const thinking = thoughtsOn(follows, { entries, asked, grounds });
  const decision = decisionOn(thinking, texts.at(-1), values);
  if (decision.kind === "question") return asking(decision.questions, asked, grounds);
  return decision.kind === "refusal" ? refusalOf(decision) : goingOn(decision, thinking);
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
/** A command line is no capability: whoever wants one run writes the plan. */
const UNASKED = ["shell.*", "model.*"];

/** What is said to a plan of before is not another plan. */
function elsewhere({ kind, of }: Extract<Followed, { kind: "cancel" | "answer" | "item" }>): PlanningRefusal {
  const how = { cancel: "cancel it", answer: "answer it", item: "look at what it gave" }[kind];
  const message = `this is about the request of plan ${of}, and no new one; ${how}: planwright ${COMMANDS[kind]} ${of}`;
  return { kind: "refusal", category: "conflict", code: "request-about-another", message, details: { plan: of } };
}

const COMMANDS = { cancel: "cancel", answer: "answer", item: "show" } as const;

interface Thinking {
  readonly planner: Planner;
  readonly entries: readonly CatalogEntry[];
  readonly text: string;
  readonly analysed: ReturnType<typeof analysed>;
  readonly drafted: Drafted | undefined;
  readonly asked: Asked;
  readonly grounds: PlanningGrounds;
}

type Around = Pick<Thinking, "entries" | "asked" | "grounds">;

function thoughtsOn(follows: Extract<Followed, { kind: "new" | "again" }>, around: Around): Thinking {
  const { entries, grounds } = around;
  const { now, past } = grounds;
  const { text } = follows;
  const made = planner(entries, { past, now });
  const result = analysed(text, { now });
  const found = result.kind === "analysed" ? drafted(made, result.analysis) : undefined;
  const again = follows.kind === "again" ? [draftAgain(follows.calls)] : undefined;
  return {
    ...around,
    planner: made,
    text,
    analysed: result,
    drafted: found && { scores: found.scores, drafts: again ?? found.drafts },
  };
}

/** Calls that were made before, with other arguments: nothing about them is a guess. */
function draftAgain(calls: readonly Call[]): Draft {
  return { calls: calls.map((call) => ({ ...call, missing: [], sureness: 0 })), probability: 1, expected: 1 };
}

/** With what came along, and with what was answered to the questions that there would be without. */
function decisionOn(thinking: Thinking, lastText: string | undefined, values: JsonObject): Decision {
  const first = decide(thinking, values);
  if (first.kind !== "question") return first;
  const [only, ...others] = first.questions;
  const byId =
    only !== undefined && others.length === 0 && lastText !== undefined ? { [only.id]: lastText, ...values } : values;
  const named = first.questions.flatMap(({ id, about }) =>
    about.flatMap(({ tool, parameter }): readonly [string, Json][] =>
      Object.hasOwn(byId, id) ? [[`${tool}.${parameter}`, byId[id] ?? null]] : [],
    ),
  );
  return named.length === 0 ? first : decide(thinking, { ...values, ...Object.fromEntries(named) });
}

function decide(
  { planner: made, analysed: result, drafted: found, ...thinking }: Thinking,
  answers: JsonObject,
): Decision {
  const { entries, asked, grounds } = thinking;
  const filled = found?.drafts.map((draft): Draft => ({
    ...draft,
    calls: withGiven(draft.calls, entries, { answers, context: asked.context }),
  }));
  const drafts = filled === undefined ? [] : [...filled.filter(isWhole), ...filled.filter((one) => !isWhole(one))];
  const held = found === undefined ? undefined : { scores: found.scores, drafts };
  return decided(decider(made), { analysed: result, drafted: held, now: grounds.now });
}

function isWhole({ calls }: Draft): boolean {
  return calls.length > 0 && calls.every(({ missing }) => missing.length === 0);
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

function goingOn({ draft, constraints }: Extract<Decision, { kind: "go" }>, thinking: Thinking): Planned {
  const { analysed: result, planner: made, grounds, asked, text } = thinking;
  if (result.kind === "unreadable") return { kind: "refusal", category: "validation", ...result.why };
  const { analysis } = result;
  const written = writtenRest(draft.calls, {
    analysis,
    planner: made,
    grounds: bounded(grounds, constraints),
    number: asked.number,
  });
  if (!written.ok) {
    const [first] = written.findings;
    const message = `the plan that was made cannot run: ${first?.message ?? "it has no steps"}`;
    return { kind: "refusal", category: "validation", code: "plan-not-valid", message };
  }
  return {
    kind: "plan",
    rest: { ...written.rest, ...deadlineOf(constraints, grounds) },
    made: { text, calls: draft.calls.map(({ tool, arguments: bound }) => ({ tool, arguments: bound })) },
    thoughts: explained(analysis, {
      planner: made,
      drafts: thinking.drafted?.drafts ?? [],
      chosen: draft,
      prohibitions: constraints.prohibitions,
    }),
    estimate: estimated(written.definition, { durations: historyFrom(grounds.reports), now: grounds.now }),
  };
}

function bounded(grounds: PlanningGrounds, { forbidden }: KeptConstraints): PlanningGrounds {
  const { granted } = grounds;
  return { ...grounds, granted: { ...granted, forbidden: [...(granted.forbidden ?? []), ...forbidden] } };
}

function deadlineOf({ deadline }: KeptConstraints, { now }: PlanningGrounds): Pick<RestOfPlan, "deadlineMs"> {
  return deadline === undefined || deadline.at <= now ? {} : { deadlineMs: deadline.at - now };
}
