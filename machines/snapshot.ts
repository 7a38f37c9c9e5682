import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { undoBlock } from "#machines/block.ts";
import type { Blobs } from "#machines/blobs.ts";
import { orderReady, restore } from "#machines/indexes.ts";
import { restorePlan, type PlanContext, type PlanStateName } from "#machines/plan-chart.ts";
import { NO_MEMBER, NO_PARENT, openScope } from "#machines/scope.ts";
import type { KeptSignal } from "#machines/signals.ts";
import type { GoneStep } from "#machines/step-record.ts";
import { decodeSteps, encodeSteps, type EncodedSteps } from "#machines/snapshot-steps.ts";
import {
  draftedFrom,
  emptyState,
  type Comment,
  type PlanState,
  type PlanView,
  type Rollback,
} from "#machines/state.ts";

// A PlanState as JSON and back. Header, records and the payloads' references go in; indexes are derived again (P1), and
// a record that nothing has happened to is left out.

/** Changes whenever the encoding or the meaning of a record does: an older snapshot is then ignored. */
export const SNAPSHOT_VERSION = "plan-state@8";

interface Encoded {
  readonly revision: number;
  readonly header: { readonly value: PlanStateName; readonly context: PlanContext };
  readonly machine: string;
  readonly definition: Payload;
  readonly definitionHash: string;
  readonly inputs?: Payload;
  readonly outputs?: Payload;
  readonly response?: Payload;
  readonly provenance?: NonNullable<PlanState["provenance"]>;
  readonly error?: NonNullable<PlanState["error"]>;
  readonly in: PlanView["in"];
  readonly silent: readonly (readonly [string, ExecutorId])[];
  readonly gone: readonly (readonly [string, GoneStep])[];
  readonly undone: readonly string[];
  readonly signals: EncodedSignals;
  readonly comments: readonly Comment[];
  readonly steps: EncodedSteps;
  readonly rollbacks: readonly EncodedRollback[];
}

interface EncodedSignals {
  readonly count: number;
  readonly kept: readonly KeptSignal[];
  readonly ids: readonly string[];
}

interface EncodedRollback extends Partial<Omit<Rollback, "scope">> {
  readonly steps: EncodedSteps;
}

export function encodeState(state: PlanView): Json {
  const { drafted: plan } = state;
  if (plan === undefined) throw new Fault("plan-undrafted", "a plan without a definition has no snapshot");
  const encoded: Encoded = {
    revision: state.revision,
    header: { value: state.header.value, context: state.header.context },
    machine: plan.machine,
    definition: plan.definitionPayload,
    definitionHash: plan.definitionHash,
    ...defined({ inputs: state.inputs, outputs: state.outputs, response: state.response, error: state.error }),
    ...defined({ provenance: state.provenance }),
    in: state.in,
    silent: [...state.silent],
    gone: [...state.gone],
    undone: [...state.undone],
    signals: { count: state.signals.count, kept: state.signals.list(), ids: state.signals.rememberedIds() },
    comments: state.comments,
    steps: state.root === undefined ? [] : encodeSteps(state, state.root),
    rollbacks: state.rollbacks.map(({ scope, ...part }) => ({ ...part, steps: encodeSteps(state, scope) })),
  };
  return structuredCloneJson(encoded);
}

/** Fault `snapshot-unreadable` for anything that is not what `encodeState` made; who gets it folds the log instead. */
export function decodeState(planId: PlanId, source: Json, blobs: Blobs): PlanState {
  try {
    return decode(emptyState(planId), source as unknown as Encoded, blobs);
  } catch (cause) {
    throw new Fault("snapshot-unreadable", `the snapshot of plan ${planId} cannot be read`, { cause });
  }
}

/** The blob that a snapshot's definition is kept in, if it is. */
export function definitionOf(source: Json): Payload {
  return (source as unknown as Encoded).definition;
}

function decode(state: PlanState, encoded: Encoded, blobs: Blobs): PlanState {
  const { machine, definition: definitionPayload, definitionHash } = encoded;
  state.drafted = draftedFrom({ machine, definitionPayload, definitionHash }, blobs);
  state.revision = encoded.revision;
  state.header = restorePlan(encoded.header.value, encoded.header.context);
  state.inputs = encoded.inputs;
  state.outputs = encoded.outputs;
  state.response = encoded.response;
  state.provenance = encoded.provenance;
  state.error = encoded.error;
  for (const [attempt, executor] of encoded.silent) state.silent.set(attempt, executor);
  for (const [id, step] of encoded.gone) state.gone.set(id, step);
  for (const path of encoded.undone) state.undone.add(path);
  state.comments.push(...encoded.comments);
  Object.assign(state.in, encoded.in);
  decodeSignals(state, encoded.signals);
  const { block } = state.drafted;
  const at = { path: "", parent: NO_PARENT, member: NO_MEMBER };
  state.root = openScope({ ...at, block, base: 0, inputs: encoded.inputs, previous: undefined });
  decodeSteps(state, state.root, encoded.steps);
  for (const rollback of encoded.rollbacks) decodeRollback(state, rollback);
  restore(state, state.root, 0);
  for (const { scope } of state.rollbacks) restore(state, scope, 0);
  orderReady(state);
  return state;
}

function decodeSignals({ signals }: PlanState, { count, kept, ids }: EncodedSignals): void {
  signals.count = count;
  for (const signal of kept) signals.keep(signal);
  for (const id of ids) signals.remember(id);
}

function decodeRollback(state: PlanState, { steps, from, to, error }: EncodedRollback): void {
  const place = { path: "", parent: NO_PARENT, member: NO_MEMBER, base: state.steps.length };
  const block = undoBlock(state.rollbacks.length + 1);
  const scope = openScope({ ...place, block, inputs: undefined, previous: undefined });
  state.rollbacks.push({ scope, from, to, error });
  decodeSteps(state, scope, steps);
}

type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> };

function defined<T extends object>(source: T): Defined<T> {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The state goes on changing; what is stored must not. */
function structuredCloneJson(encoded: Encoded): Json {
  return JSON.parse(JSON.stringify(encoded)) as Json;
}
