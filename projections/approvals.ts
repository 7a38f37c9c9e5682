import type { Payload } from "#events/payload.ts";
import { approversOf, standing, type Review } from "#machines/reviews.ts";
import { isEnded, pathAt, type PlanView } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// What a plan asks to have approved: everything that somebody needs who decides. An answer names the question's hash, so
// that it counts for exactly what was shown.

export interface ApprovalRequest {
  /** The step that waits: an approve step, or a step that asks for itself before it does what cannot be taken back. */
  readonly step: string;
  /** What an answer has to name. */
  readonly hash: string;
  /** Who may answer; undefined for anybody. */
  readonly role?: string;
  /** What is put before whoever decides. */
  readonly show?: Payload;
  /** The steps that start on the answer, as they were when the question was put. */
  readonly covers: readonly CoveredStep[];
  /** How many different people have to approve. */
  readonly approvers: number;
  /** Words that count, the last one of each person: approvals, and requests for changes that stand against them. */
  readonly reviews: readonly Review[];
  readonly askedAt: number;
  /** The moment at which the step fails unless somebody has approved; undefined for never. */
  readonly expiresAt?: number;
}

export interface CoveredStep {
  readonly step: string;
  /** Of its definition, arguments and tool versions. */
  readonly hash: string;
  readonly state: StepStateName;
}

/** The questions that an answer still counts for, the oldest first. O(open questions · covered steps). */
export function selectApprovals(state: PlanView): readonly ApprovalRequest[] {
  if (isEnded(state)) return [];
  return [...state.asking].flatMap((index) => requestOf(state, index) ?? []).sort((a, b) => a.askedAt - b.askedAt);
}

function requestOf(state: PlanView, index: number): ApprovalRequest | undefined {
  const record = state.steps[index];
  const wait = record?.wait;
  if (wait?.approval === undefined || wait.isOutdated) return undefined;
  const { approval, since, reviews } = wait;
  const dueAt = record?.chart.context.dueAt ?? 0;
  const { hash, role, show } = approval;
  return {
    step: pathAt(state, index),
    hash,
    ...(role === undefined ? {} : { role }),
    ...(show === undefined ? {} : { show }),
    covers: approval.covers.map(({ step, hash: covered }) => {
      return { step, hash: covered, state: findStep(state, step)?.record.chart.value ?? "pending" };
    }),
    approvers: approversOf(approval),
    reviews: standing(reviews),
    askedAt: since,
    ...(dueAt === 0 ? {} : { expiresAt: dueAt }),
  };
}
