import type { Decision } from "#src/planning/answering/decision.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { RankedDraft } from "#src/planning/drafting/compared-drafts.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";
import type { Thought } from "#src/planning/request/planning.ts";
import type { DraftsWithModel } from "#src/planning/with-model/drafts-with-model.ts";

// Whether the plan of a language model goes on, or what there is without it, with why; and where a model is not asked at all.
//
// L1. The model's goes on where it ranks before every offline one, and where there is none. What lacks something takes no question's place:
//     the answer to the one could be taken for the answer to the other.

export interface Likelier {
  /** The model's, where it goes on. */
  readonly draft?: Draft;
  readonly why: string;
}

/** `decision` is that without the model; undefined where it cannot be carried out. */
export function likelierByModel({ model: said, ranked }: DraftsWithModel, decision: Decision | undefined): Likelier {
  if (said.kind === "failed") return { why: `the model gave no plan (${said.failure.code})` };
  if (said.kind === "refused") return { why: `the model says that no tool fits: ${said.reason}` };
  const own = ranked.find(({ origin }) => origin === "model");
  if (own === undefined) return { why: "the model gave no plan" };
  const against = reasonAgainst(own, ranked, decision);
  if (against !== undefined) return { why: against };
  return { draft: draftOf(own), why: reasonFor(own, ranked, decision) };
}

/** Refusals for which the words of the request are the reason, which a model may understand. */
const NOT_UNDERSTOOD = new Set(["out-of-scope", "language-unknown"]);

export function reasonNotToAsk({ thinking, decision }: Thought): string | undefined {
  if (thinking.isAgain) return "the calls are those of a request before, with what was said to be different";
  if (decision.kind === "refusal" && !NOT_UNDERSTOOD.has(decision.code)) {
    return "what keeps the request from being planned is nothing that a model can change";
  }
  if (decision.kind === "question" && decision.questions.some(({ about }) => about.length === 0)) {
    return "only whoever asked can say this";
  }
  return undefined;
}

function reasonAgainst(own: RankedDraft, ranked: readonly RankedDraft[], decision: Decision | undefined) {
  if (decision === undefined || decision.kind === "refusal") return undefined;
  const isIncomplete = own.calls.some(({ missing }) => missing.length > 0);
  if (decision.kind === "question" && isIncomplete) return "the model lacks something as well";
  if (isSame(own.calls, decision.draft.calls)) return "both have made the same plan";
  const [first] = ranked;
  if (first === own) return undefined;
  return `a plan made without it is likelier to succeed: ${percent(first)} against ${percent(own)}`;
}

function reasonFor(own: RankedDraft, ranked: readonly RankedDraft[], decision: Decision | undefined): string {
  if (decision === undefined || decision.kind === "refusal") return "without the model there is no plan";
  if (decision.kind === "question") return "the model's plan lacks nothing that would have to be asked";
  const other = ranked.find(({ origin }) => origin === "offline");
  return `the model's plan is likelier to succeed: ${percent(own)} against ${percent(other)}`;
}

const PERCENT = 100;

function percent(draft: RankedDraft | undefined): string {
  return `${Math.round((draft?.score ?? 0) * PERCENT)} %`;
}

/** As one of the offline planner's: how sure it is stands for all of its calls alike. */
function draftOf({ calls, parts }: RankedDraft): Draft {
  const sureness = Math.log(parts.arguments) / Math.max(1, calls.length);
  return { calls: calls.map((call) => ({ ...call, sureness })), probability: parts.tools, expected: parts.tools };
}

/** Whoever says it: the same tools with the same arguments. */
function isSame(some: readonly Call[], others: readonly Call[]): boolean {
  const told = (calls: readonly Call[]): string => JSON.stringify(calls.map(toldCall));
  return told(some) === told(others);
}

function toldCall({ tool, arguments: given }: Call) {
  const named = Object.entries(given).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { tool, given: named.map(([name, source]) => [name, toldSource(source)]) };
}

function toldSource(source: Source) {
  return "value" in source ? { value: source.value } : source;
}
