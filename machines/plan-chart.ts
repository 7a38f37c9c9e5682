import { assign, setup, type SnapshotFrom } from "xstate";
import type { PlanFact } from "#events/catalog.ts";
import { transitionOf } from "#machines/transition.ts";

// plan@1: the life of a plan as a whole. Its tags say which facts about steps a state allows:
// `dispatching` everything, `paused` what starts nothing, `draining` only what ends attempts, `ended` only late reports.
//
// There is no state for "a step failed and the plan stops": that follows from the steps and from `onFailure`, so no
// fact repeats it and no prefix of a turn can contradict it.

export type PlanEvent = PlanFact & { readonly at: number };
type EventOf<T extends PlanEvent["type"]> = Extract<PlanEvent, { type: T }>;

export interface PlanContext {
  readonly name: string;
  readonly edition: number;
  readonly epoch: number;
  readonly draftedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Milliseconds since the epoch; 0 for none. */
  readonly deadlineAt: number;
  /** When the plan was paused; 0 while it is not. */
  readonly pausedAt: number;
  readonly cancelCause: "" | "requested" | "deadline";
}

const UNDRAFTED: PlanContext = {
  name: "",
  edition: 0,
  epoch: 0,
  draftedAt: 0,
  startedAt: 0,
  endedAt: 0,
  deadlineAt: 0,
  pausedAt: 0,
  cancelCause: "",
};

const rollBack = { target: "rolling-back", actions: "goOn" } as const;
const revise = { PlanRevised: { actions: "revise" } } as const;
/** A signal is kept in the state, and changes nothing about what the plan does. */
const signals = { SignalReceived: { actions: "note" }, SignalExpired: { actions: "note" } } as const;
const comments = { PlanCommented: { actions: "note" } } as const;
const reopen = { target: "running", actions: ["goOn", "reopen"] } as const;

export const planChart = setup({
  types: {
    context: {} as PlanContext,
    events: {} as PlanEvent,
    tags: "" as "dispatching" | "paused" | "draining" | "ended",
  },
  actions: {
    draft: assign(({ context, event }) => (event.type === "PlanDrafted" ? drafted(context, event) : context)),
    start: assign(({ context, event }) => (event.type === "PlanStarted" ? started(context, event) : context)),
    cancel: assign(({ context, event }) =>
      event.type === "PlanCancelRequested" ? { ...context, cancelCause: event.data.cause } : context,
    ),
    revise: assign(({ context, event }) => (event.type === "PlanRevised" ? revised(context, event) : context)),
    pause: assign(({ context, event }) => ({ ...context, pausedAt: event.at })),
    resume: assign(({ context, event }) => (event.type === "PlanResumed" ? resumed(context, event) : context)),
    note: assign(({ context }) => ({ ...context })),
    goOn: assign(({ context }) => ({ ...context, endedAt: 0, pausedAt: 0, cancelCause: "" as const })),
    reopen: assign(({ context, event }) =>
      event.type === "PlanReopened" ? { ...context, deadlineAt: event.data.deadlineAt ?? 0 } : context,
    ),
    end: assign(({ context, event }) => ({ ...context, endedAt: event.at })),
  },
}).createMachine({
  id: "plan@1",
  context: UNDRAFTED,
  initial: "undrafted",
  states: {
    undrafted: { on: { PlanDrafted: { target: "drafted", actions: "draft" } } },
    drafted: {
      on: {
        PlanStarted: { target: "running", actions: "start" },
        PlanCancelled: { target: "cancelled", actions: "end" },
      },
    },
    running: {
      tags: ["dispatching"],
      on: {
        ...signals,
        ...comments,
        ...revise,
        PlanPaused: { target: "paused", actions: "pause" },
        PlanCancelRequested: { target: "cancelling", actions: "cancel" },
        PlanSucceeded: { target: "succeeded", actions: "end" },
        PlanFailed: { target: "failed", actions: "end" },
        PlanRollbackStarted: rollBack,
      },
    },
    paused: {
      tags: ["paused"],
      on: {
        ...signals,
        ...comments,
        ...revise,
        PlanResumed: { target: "running", actions: "resume" },
        PlanCancelRequested: { target: "cancelling", actions: ["goOn", "cancel"] },
        PlanRollbackStarted: rollBack,
      },
    },
    cancelling: {
      tags: ["draining"],
      on: {
        ...comments,
        PlanRollbackStarted: rollBack,
        PlanCancelled: { target: "cancelled", actions: "end" },
        PlanFailed: { target: "failed", actions: "end" },
      },
    },
    "rolling-back": {
      tags: ["dispatching"],
      on: {
        ...comments,
        PlanRolledBack: { target: "rolled-back", actions: "end" },
        PlanFailed: { target: "failed", actions: "end" },
      },
    },
    succeeded: { tags: ["ended"], on: { ...comments, PlanRollbackStarted: rollBack } },
    failed: { tags: ["ended"], on: { ...comments, ...revise, PlanRollbackStarted: rollBack, PlanReopened: reopen } },
    cancelled: { tags: ["ended"], on: { ...comments, ...revise, PlanRollbackStarted: rollBack, PlanReopened: reopen } },
    "rolled-back": {
      tags: ["ended"],
      on: { ...comments, ...revise, PlanRollbackStarted: rollBack, PlanReopened: reopen },
    },
  },
});

export const PLAN_STATES = [
  "undrafted",
  "drafted",
  "running",
  "paused",
  "cancelling",
  "rolling-back",
  "rolled-back",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type PlanStateName = (typeof PLAN_STATES)[number];

export type PlanSnapshot = SnapshotFrom<typeof planChart>;

export const UNDRAFTED_PLAN: PlanSnapshot = restorePlan("undrafted", UNDRAFTED);

export const movePlan = transitionOf<PlanSnapshot, PlanEvent>(planChart);

export function restorePlan(value: PlanStateName, context: PlanContext): PlanSnapshot {
  return planChart.resolveState({ value, context });
}

function drafted(context: PlanContext, { at, data }: EventOf<"PlanDrafted">): PlanContext {
  return { ...context, name: data.name, edition: data.edition, draftedAt: at };
}

function started(context: PlanContext, { at, data }: EventOf<"PlanStarted">): PlanContext {
  return { ...context, startedAt: at, epoch: data.epoch, deadlineAt: data.deadlineAt ?? 0 };
}

function resumed(context: PlanContext, { data }: EventOf<"PlanResumed">): PlanContext {
  const { deadlineAt } = context;
  return { ...context, pausedAt: 0, deadlineAt: deadlineAt === 0 ? 0 : deadlineAt + (data.shiftMs ?? 0) };
}

function revised(context: PlanContext, { data }: EventOf<"PlanRevised">): PlanContext {
  return { ...context, edition: data.edition, deadlineAt: data.deadlineAt ?? 0 };
}
