import { fact, type Fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { SignalStep } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { accepted, rejected, unstarted, type Decider, type Moment, type Rejection } from "#machines/decide/decision.ts";
import { facts, refused, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { evaluate } from "#machines/evaluate.ts";
import { isEnded, pathAt, planStateOf, type PlanState } from "#machines/state.ts";

// Signals come from outside, at any time: before a step waits for them, while it does, or for nobody.
//
// S1. A signal is a fact before anything is done with it, so one that comes early is there when its step begins to wait.
// S2. One that nobody takes expires, and there are never more than MAX_KEPT_SIGNALS.

/** Signals that one plan keeps for steps that do not wait yet. */
const MAX_KEPT_SIGNALS = 1_000;

/** How long a signal is kept where its sender says nothing. */
const DEFAULT_SIGNAL_EXPIRY_MS = 7 * 24 * 60 * 60_000;

const MAX_SIGNAL_NAME_CHARS = 200;

export const sendSignal: Decider<CommandOf<"SendSignal">> = (command, state, { now, epoch }) => {
  const { name, payload, by, id, expiresMs = DEFAULT_SIGNAL_EXPIRY_MS } = command;
  if (id !== undefined && state.signals.isKnown(id)) return { kind: "duplicate" };
  const refusal = unstarted(state) ?? refusalOf(name, state);
  if (refusal !== undefined) return refusal;
  const number = state.signals.count + 1;
  const named = id === undefined ? {} : { id };
  return accepted(fact("SignalReceived", { epoch, number, name, payload, by, ...named, expiresAt: now + expiresMs }));
};

function refusalOf(name: string, state: PlanState): Rejection | undefined {
  const value = planStateOf(state);
  if (isEnded(state)) return rejected("plan-ended", `plan ${state.planId} has already ${value}`);
  if (value !== "running" && value !== "paused") return rejected("plan-ending", `plan ${state.planId} is ${value}`);
  if (name === "" || name.length > MAX_SIGNAL_NAME_CHARS) {
    return rejected("bad-signal-name", `the name of a signal has 1 to ${MAX_SIGNAL_NAME_CHARS} characters`);
  }
  if (state.signals.size < MAX_KEPT_SIGNALS) return undefined;
  return rejected("too-many-signals", `plan ${state.planId} keeps ${MAX_KEPT_SIGNALS} signals that nobody took`);
}

/** A step that waits for a signal; one that has come already ends the wait at once. */
export function openSignal(starting: Starting, step: SignalStep): StartOutcome {
  const { state, path, scope, around } = starting;
  const name = evaluate(state, { scope, key: `${step.id}/signal`, source: step.signal }, around.blobs);
  if (name.kind === "needs-blobs") return name;
  if (name.kind === "error") return refused(starting, name.error);
  if (typeof name.value === "string" && name.value !== "") {
    return facts(fact("StepWaitStarted", { step: path, signal: name.value }));
  }
  const message = `the name of a signal is a text, not ${JSON.stringify(name.value).slice(0, 100)}`;
  return refused(starting, errorOf("validation", "bad-signal-name", message));
}

/** What becomes of a kept signal now: a step takes it, or its time is over. */
export function followSignal(state: PlanState, { now, epoch }: Moment): Fact | undefined {
  const taken = state.signals.next();
  if (taken !== undefined) {
    const { signal, step } = taken;
    return fact("StepWaitEnded", { step: pathAt(state, step), output: signal.payload, signal: signal.number });
  }
  const first = state.signals.firstToExpire();
  if (first === undefined || first.expiresAt > now) return undefined;
  return fact("SignalExpired", { epoch, number: first.number });
}
