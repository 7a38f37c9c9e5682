import type { Fact, FactData, FactOf, FactType } from "#events/catalog.ts";
import type { Fault } from "#events/fault.ts";
import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { pathAt, type PlanView } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import type { AttemptKey, Bus, ExecutorMessage } from "#src/ports/bus.ts";
import { asFault, isRetryable } from "#src/runtime/faults.ts";
import type { Payloads } from "#src/runtime/payloads.ts";
import { attemptName, type SlotLedger } from "#src/runtime/slot-ledger.ts";

// Turns facts into commands on the bus, after their append was answered and never before.
//
// X1. A command follows from facts alone, so sending it again after a crash is the same command.
// X2. Nothing is sent by who is not sure to own the plan at that moment.
// X3. Nothing is remembered here about what was sent: reconcile re-sends what the log shows unanswered.

export interface EffectDeps {
  readonly bus: Bus;
  readonly ledger: SlotLedger;
  readonly payloads: Payloads;
  readonly id: CoordinatorId;
  /** Of the owner that sends; receivers drop what comes from an older one. */
  readonly epoch: number;
  /** Whether it still owns the plan's partition. */
  readonly isOwner: () => boolean;
  /** Arguments that an attempt was promised cannot be had, and trying again does not help. */
  readonly onUnreadable: (dispatched: FactData<"StepDispatched">, fault: Fault) => void;
}

export function letOut(facts: readonly Fact[], state: PlanView, deps: EffectDeps): void {
  for (const fact of facts) letOutOne(fact, state, deps);
}

type Effect<Data> = (data: Data, state: PlanView, deps: EffectDeps) => void;

const NOTHING = (): void => undefined;

/** A new fact does not compile before it says here what it leads to. */
const EFFECTS: { readonly [T in FactType]: Effect<FactData<T>> } = {
  PlanDrafted: NOTHING,
  PlanStarted: NOTHING,
  PlanRevised: NOTHING,
  PlanPaused: NOTHING,
  PlanResumed: NOTHING,
  SignalReceived: NOTHING,
  SignalExpired: NOTHING,
  PlanCommented: NOTHING,
  PlanCancelRequested: (_, state, deps) => stopPlan(state, deps),
  PlanCancelled: NOTHING,
  PlanSucceeded: NOTHING,
  PlanFailed: NOTHING,
  PlanRollbackStarted: (_, state, deps) => stopPlan(state, deps),
  PlanRolledBack: NOTHING,
  PlanReopened: NOTHING,
  PlanQuarantined: NOTHING,
  PlanReleased: NOTHING,
  StepDispatched: sendRun,
  StepSucceeded: giveBack,
  StepFailed: giveBack,
  StepTimedOut: giveBackAndStop,
  StepLost: giveBackAndStop,
  StepLateReported: NOTHING,
  StepSkipped: NOTHING,
  StepExpanded: NOTHING,
  StepWindowClosed: NOTHING,
  StepWaitStarted: NOTHING,
  StepReviewed: NOTHING,
  StepWaitEnded: NOTHING,
  StepCancelRequested: ({ step }, state, deps) => {
    for (const index of state.running) if (isInside(state, index, step)) stopRunning(index, state, deps);
  },
  StepCancelled: giveBack,
  StepOutcomeResolved: NOTHING,
  StepOutcomeGiven: NOTHING,
};

function letOutOne<T extends FactType>({ type, data }: FactOf<T>, state: PlanView, deps: EffectDeps): void {
  EFFECTS[type](data, state, deps);
}

/** Sends a run again that the log shows unanswered. */
export function sendRun(data: FactOf<"StepDispatched">["data"], state: PlanView, deps: EffectDeps): void {
  const { step, attempt, tool, toolVersion, timeoutMs, executor, edition, isolate } = data;
  const key: AttemptKey = { plan: state.planId, step, attempt, epoch: deps.epoch, edition };
  const idempotencyKey = idempotencyKeyOf(state, data);
  const place = isolate === undefined ? {} : { isolate };
  const run = { kind: "run" as const, key, from: deps.id, tool, toolVersion, timeoutMs, idempotencyKey, ...place };
  const send = (args: Json): void => {
    // Nobody has sent it yet, and what it claims may be another's: reconcile tries again.
    if (!deps.ledger.claims.covers(attemptName(state.planId, step, attempt))) return;
    const promised = deps.ledger.promised(executor, attemptName(state.planId, step, attempt));
    if (promised !== undefined) tell(executor, { ...run, ...promised, args }, deps);
  };
  if ("inline" in data.args) send(data.args.inline);
  else void deps.payloads.value(data.args).then(send, (error: unknown) => unsendable(data, error, { run, deps }));
}

type Unsent = Omit<Extract<ExecutorMessage, { kind: "run" }>, "offer" | "slot" | "args">;

/**
 * Arguments that cannot be had. What may pass is tried again by reconcile. Where the attempt's slot is not taken, the attempt has
 * not begun, and fails; else it may have begun with what was sent before, and its executor is asked for what it knows.
 */
function unsendable(
  data: FactData<"StepDispatched">,
  error: unknown,
  { run, deps }: { readonly run: Unsent; readonly deps: EffectDeps },
): void {
  if (isRetryable(error)) return;
  const { executor, step, attempt } = data;
  const name = attemptName(run.key.plan, step, attempt);
  if (deps.ledger.isUnused(executor, name)) {
    deps.onUnreadable(data, asFault(error));
    return;
  }
  const offer = deps.ledger.kept(executor).heard;
  tell(executor, { ...run, offer, args: null }, deps);
}

/** X2. */
function tell(executor: ExecutorId, message: ExecutorMessage, { bus, isOwner }: EffectDeps): void {
  if (isOwner()) bus.toExecutor(executor, message, isOwner);
}

/** The same for all attempts of one call of one plan; a fork is another plan and gets other keys. */
function idempotencyKeyOf(state: PlanView, { step, alternative }: FactOf<"StepDispatched">["data"]): string {
  const generation = findStep(state, step)?.record.generation ?? 1;
  const call = `${state.planId}/${step}${generation === 1 ? "" : `~${generation}`}`;
  return alternative < 0 ? call : `${call}/fallback-${alternative}`;
}

interface AttemptNamed {
  readonly step: string;
  readonly attempt: number;
}

function giveBackAndStop(attempt: AttemptNamed, state: PlanView, deps: EffectDeps): void {
  giveBack(attempt, state, deps);
  sendCancel(attempt, state, deps);
}

function giveBack({ step, attempt }: AttemptNamed, state: PlanView, { ledger }: EffectDeps): void {
  const executor = executorOf(step, attempt, state);
  if (executor !== undefined) ledger.ended(executor, attemptName(state.planId, step, attempt));
}

/** Asks the executor of an attempt to stop it; one that does not run it ignores that. */
export function sendCancel({ step, attempt }: AttemptNamed, state: PlanView, deps: EffectDeps): void {
  const executor = executorOf(step, attempt, state);
  if (executor === undefined) return;
  const { edition } = state.header.context;
  const key = { plan: state.planId, step, attempt, epoch: deps.epoch, edition };
  tell(executor, { kind: "cancel", key }, deps);
}

/** The plan's own steps: undo calls of the same turn run by now as well, and are wanted. */
function stopPlan(state: PlanView, deps: EffectDeps): void {
  for (const index of state.running) {
    if (state.steps[index]?.scope.block.isUndo !== true) stopRunning(index, state, deps);
  }
}

function stopRunning(index: number, state: PlanView, deps: EffectDeps): void {
  const attempt = state.steps[index]?.chart.context.attempt;
  const step = pathAt(state, index);
  if (attempt !== undefined) sendCancel({ step, attempt }, state, deps);
}

/** Whether a step is the one of a path, or inside of it. */
function isInside(state: PlanView, index: number, path: string): boolean {
  const own = pathAt(state, index);
  return own === path || own.startsWith(`${path}/`) || own.startsWith(`${path}~`);
}

function executorOf(step: string, attempt: number, state: PlanView): ExecutorId | undefined {
  return findStep(state, step)?.record.attempts[attempt - 1]?.executor;
}
