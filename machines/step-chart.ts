import { assign, setup } from "xstate";
import type { StepFact } from "#events/catalog.ts";
import type { Next } from "#events/step-facts.ts";

// step@1: the life of one step, moved by facts alone.
//
// `between` is the state after a failed attempt whose successor is decided (a retry with its due time, or a fallback);
// `open` is the state of a step with steps inside (`each`, `repeat`, `call`); what becomes of those is theirs.
// `unknown` is the state of a non-idempotent attempt that may or may not have had its effect.
// Timers and effects are facts, and a finished step can still receive a late report, so there is no `after`, no
// `invoke` and no final state.

/** A fact as the charts see it: with the time at which it was recorded. */
export type StepEvent = StepFact & { readonly at: number };
type EventOf<T extends StepEvent["type"]> = Extract<StepEvent, { type: T }>;

export interface StepContext {
  /** Attempts dispatched so far, over all alternatives. */
  readonly attempt: number;
  /** Attempts of the current alternative, as retry policies count them. */
  readonly tries: number;
  /** -1 for the step's own call, else the fallback in use. */
  readonly alternative: number;
  readonly executor: string;
  /** When the current attempt was dispatched; 0 before the first. */
  readonly dispatchedAt: number;
  /** Bound of the current attempt, in ms. */
  readonly timeoutMs: number;
  readonly idempotent: boolean;
  /** When a wait ends or a retry may start; 0 for at once. */
  readonly dueAt: number;
  /** All retry delays so far, and the last one: what budgets and decorrelated jitter need. */
  readonly delayedMs: number;
  readonly lastDelayMs: number;
}

export const PRISTINE_CONTEXT: StepContext = {
  attempt: 0,
  tries: 0,
  alternative: -1,
  executor: "",
  dispatchedAt: 0,
  timeoutMs: 0,
  idempotent: false,
  dueAt: 0,
  delayedMs: 0,
  lastDelayMs: 0,
};

type Ended = EventOf<"StepFailed" | "StepTimedOut" | "StepLost">;

const again = [
  { guard: "isRetry", target: "between", actions: "remember" },
  { guard: "isFallback", target: "between", actions: "remember" },
] as const;
/** A failure that was answered leaves nothing unknown; a silence may. */
const afterAnswer = [...again, { guard: "isFinal", target: "failed" }] as const;
/** A step that was given up while it ran fails nothing. */
const givenUp = { guard: "isGivenUp", target: "cancelled" } as const;
const afterSilence = [...afterAnswer, { guard: "isUnknown", target: "unknown" }, givenUp] as const;

/** A wait that was for leave to start ends where a retry does whose time has come. */
const waited = [{ guard: "isLeave", target: "between", actions: "remember" }, { target: "succeeded" }] as const;

/** A deadline that passes while nothing runs decides the step. */
const failsForGood = { guard: "isFinal", target: "failed" } as const;

/** More or fewer members in memory, or a word that is not the last one: the step is as before. */
const widened = { actions: "keep" } as const;

/** A person's word, whatever the step was about to do. */
const given = [{ guard: "isGivenDone", target: "succeeded" }, { target: "skipped" }] as const;

/**
 * Kept as it is but for the record of the report; the action makes the transition one that XState sees. A step that
 * waits or is open has attempts to hear of once it was reopened after a fallback.
 */
const noted = { actions: "keep" } as const;
const adoptedOrNoted = [{ guard: "isAdopted", target: "succeeded" }, noted] as const;

export const stepChart = setup({
  types: { context: {} as StepContext, events: {} as StepEvent },
  guards: {
    isRetry: ({ event }) => nextOf(event)?.kind === "retry",
    isFallback: ({ event }) => nextOf(event)?.kind === "fallback",
    isFinal: ({ event }) => nextOf(event)?.kind === "final",
    isUnknown: ({ event }) => nextOf(event)?.kind === "unknown",
    isGivenUp: ({ event }) => nextOf(event)?.kind === "cancelled",
    isLeave: ({ event }) => event.type === "StepWaitEnded" && event.data.starts === true,
    isAdopted: ({ event }) => event.type === "StepLateReported" && event.data.adopted,
    isDone: ({ event }) => event.type === "StepOutcomeResolved" && event.data.resolution.kind === "done",
    isGivenDone: ({ event }) => event.type === "StepOutcomeGiven" && event.data.outcome.kind === "done",
    isRetried: ({ event }) => event.type === "StepOutcomeResolved" && event.data.resolution.kind === "retry",
    isAsked: ({ event }) => event.type === "StepOutcomeResolved" && event.data.resolution.kind === "ask",
  },
  actions: {
    remember: assign(({ context, event }) => contextAfter(context, event)),
    keep: assign(({ context }) => ({ ...context })),
  },
}).createMachine({
  id: "step@1",
  context: PRISTINE_CONTEXT,
  initial: "pending",
  states: {
    pending: {
      on: {
        StepOutcomeGiven: given,
        StepDispatched: { target: "running", actions: "remember" },
        StepSucceeded: "succeeded",
        StepFailed: afterAnswer,
        StepTimedOut: failsForGood,
        StepSkipped: "skipped",
        StepWaitStarted: { target: "waiting", actions: "remember" },
        StepExpanded: "open",
        StepLateReported: adoptedOrNoted,
        StepCancelRequested: "cancelled",
      },
    },
    running: {
      on: {
        StepSucceeded: "succeeded",
        StepFailed: afterSilence,
        StepTimedOut: afterSilence,
        StepLost: afterSilence,
        StepCancelRequested: noted,
        StepCancelled: "cancelled",
        StepLateReported: noted,
      },
    },
    between: {
      on: {
        StepOutcomeGiven: given,
        StepDispatched: { target: "running", actions: "remember" },
        StepSucceeded: "succeeded",
        StepWaitStarted: { target: "waiting", actions: "remember" },
        StepFailed: afterAnswer,
        StepTimedOut: failsForGood,
        StepLateReported: adoptedOrNoted,
        StepCancelRequested: "cancelled",
      },
    },
    waiting: {
      on: {
        StepWaitStarted: { actions: "remember" },
        StepReviewed: widened,
        StepOutcomeGiven: given,
        StepWaitEnded: waited,
        StepFailed: afterAnswer,
        StepTimedOut: failsForGood,
        StepLateReported: noted,
        StepCancelRequested: "cancelled",
      },
    },
    open: {
      on: {
        StepLateReported: noted,
        StepCancelRequested: noted,
        StepCancelled: "cancelled",
        StepOutcomeGiven: given,
        StepExpanded: widened,
        StepWindowClosed: widened,
        StepSucceeded: "succeeded",
        StepFailed: afterAnswer,
        StepTimedOut: failsForGood,
      },
    },
    unknown: {
      on: {
        StepOutcomeGiven: given,
        StepFailed: afterAnswer,
        StepLateReported: adoptedOrNoted,
        StepExpanded: widened,
        StepOutcomeResolved: [
          { guard: "isAsked", actions: "keep" },
          { guard: "isDone", target: "succeeded" },
          { guard: "isRetried", target: "between", actions: "remember" },
          { target: "failed" },
        ],
      },
    },
    succeeded: { on: { StepLateReported: noted } },
    failed: { on: { StepOutcomeGiven: given, StepLateReported: adoptedOrNoted } },
    skipped: { on: { StepLateReported: noted } },
    cancelled: { on: { StepLateReported: noted } },
  },
});

export const STEP_STATES = [
  "pending",
  "running",
  "between",
  "waiting",
  "open",
  "unknown",
  "succeeded",
  "failed",
  "skipped",
  "cancelled",
] as const;
export type StepStateName = (typeof STEP_STATES)[number];

/** What a fact changes in a step's context; most facts change nothing. */
export function contextAfter(context: StepContext, event: StepEvent): StepContext {
  if (event.type === "StepDispatched") return begun(context, event);
  if (isEnded(event)) return switched(rescheduled(context, event.data.next), event.data.next);
  if (event.type === "StepWaitStarted") return { ...context, dueAt: event.data.dueAt ?? 0 };
  if (event.type === "StepWaitEnded") return event.data.starts === true ? { ...context, dueAt: 0 } : context;
  if (event.type !== "StepOutcomeResolved" || event.data.resolution.kind !== "retry") return context;
  return { ...context, dueAt: event.data.resolution.dueAt };
}

function nextOf(event: StepEvent): Next | undefined {
  return isEnded(event) ? event.data.next : undefined;
}

function isEnded(event: StepEvent): event is Ended {
  return event.type === "StepFailed" || event.type === "StepTimedOut" || event.type === "StepLost";
}

function begun(context: StepContext, { at, data }: EventOf<"StepDispatched">): StepContext {
  return {
    ...context,
    attempt: data.attempt,
    tries: context.tries + 1,
    alternative: data.alternative,
    executor: data.executor,
    dispatchedAt: at,
    timeoutMs: data.timeoutMs,
    idempotent: data.idempotent,
    dueAt: 0,
  };
}

function rescheduled(context: StepContext, next: Next): StepContext {
  if (next.kind !== "retry") return context;
  const { dueAt, delayMs } = next;
  return { ...context, dueAt, delayedMs: context.delayedMs + delayMs, lastDelayMs: delayMs };
}

function switched(context: StepContext, next: Next): StepContext {
  if (next.kind !== "fallback") return context;
  return { ...context, alternative: next.index, tries: 0, dueAt: 0, lastDelayMs: 0 };
}
