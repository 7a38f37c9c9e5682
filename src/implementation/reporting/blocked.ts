import { isEnded, pathAt, type PlanView } from "#machines/state.ts";
import { selectWhy, type Reason } from "#projections/why.ts";
import { isOver, type OwnStep } from "./own-steps.ts";
import type { Chain } from "./report.ts";
import { momentText } from "./report-text.ts";

// What waits, for what, and why that in turn does: from a step down to whatever has to happen next.
// The reasons are those of `why`.

const MAX_CHAINS = 50;
const MAX_LINKS = 30;

/** Of the steps that nothing else waits for, in the order of the definition. */
export function blockedChains(state: PlanView, steps: readonly OwnStep[], of: ReadonlySet<number>): readonly Chain[] {
  if (state.root === undefined || isEnded(state)) return [];
  const chains: Chain[] = [];
  for (const step of steps) {
    if (chains.length >= MAX_CHAINS) break;
    if (!of.has(step.local) || isOver(step) || step.record?.chart.value !== "pending") continue;
    chains.push(chainFrom(state, steps, step));
  }
  return chains;
}

function chainFrom(state: PlanView, steps: readonly OwnStep[], from: OwnStep): Chain {
  const base = state.root?.base ?? 0;
  const links: { step: string; text: string }[] = [];
  let at: OwnStep | undefined = from;
  while (at !== undefined && links.length < MAX_LINKS) {
    const { reason } = selectWhy(state, pathAt(state, base + at.local));
    const next: OwnStep | undefined = reason.kind === "needs" ? nextNeed(at, steps) : undefined;
    const { id } = at.definition;
    links.push({ step: id, text: next === undefined ? reasonText(reason) : `waits for ${next.definition.id}` });
    at = next;
  }
  const { id } = from.definition;
  return { step: id, links, text: `${id} ${links.map(({ text }) => text).join(", which ")}` };
}

/** Of several open needs the one that has not come to its turn, or asks somebody, says more than one that runs. */
function nextNeed({ needs }: OwnStep, steps: readonly OwnStep[]): OwnStep | undefined {
  const open = needs.flatMap((need) => {
    const step = steps[need];
    return step === undefined || step.record?.chart.value === "succeeded" ? [] : [step];
  });
  return open.toSorted((a, b) => urgency(a) - urgency(b))[0];
}

const FIRST = ["failed", "cancelled", "skipped", "unknown", "waiting", "pending", "between", "open", "running"];

function urgency({ record }: OwnStep): number {
  return FIRST.indexOf(record?.chart.value ?? "pending");
}

function reasonText<K extends Reason["kind"]>(reason: ReasonOf<K> & { readonly kind: K }): string {
  return REASONS[reason.kind](reason);
}

type ReasonOf<K> = Extract<Reason, { kind: K }>;

const REASONS: { readonly [K in Reason["kind"]]: (reason: ReasonOf<K>) => string } = {
  needs: ({ open }) => `waits for ${open.map(({ step }) => step).join(", ")}`,
  slot: ({ sinceAt }) => `waits for a free slot since ${momentText(sinceAt)}`,
  retry: ({ attempt, dueAt }) => `waits for attempt ${attempt}, due ${momentText(dueAt)}`,
  timer: ({ dueAt }) => `waits until ${momentText(dueAt)}`,
  signal: ({ name, sinceAt }) => `waits for the signal ${name} since ${momentText(sinceAt)}`,
  approval: ({ role, sinceAt }) =>
    `waits for approval${role === undefined ? "" : ` by ${role}`} since ${momentText(sinceAt)}`,
  members: ({ ended, total }) => `has ${ended} of ${total} done`,
  concurrency: ({ concurrency }) => `waits for its turn: ${concurrency} at once`,
  running: ({ sinceAt, attempt }) => `runs since ${momentText(sinceAt)} (attempt ${attempt})`,
  "unknown-outcome": ({ answeredBy }) =>
    `has ended in a way that nobody knows; ${answeredBy === "tool" ? "a tool is finding out" : "somebody has to say"}`,
  plan: ({ plan, failed }) =>
    failed.length === 0 ? `does not start: the plan is ${plan}` : `does not start: ${failed.join(", ")} failed`,
  skipped: ({ because }) => `was skipped: ${because}`,
  ended: ({ state, error }) => `has ${state}${error === undefined ? "" : `: ${error.code}: ${error.message}`}`,
};
