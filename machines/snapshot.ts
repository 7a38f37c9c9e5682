import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { rebuildIndexes } from "#machines/indexes.ts";
import { restorePlan, type PlanContext, type PlanStateName } from "#machines/plan-chart.ts";
import {
  draftedFrom,
  emptyState,
  pristineRecord,
  type PlanState,
  type PlanView,
  type StepRecord,
} from "#machines/state.ts";
import type { StepContext, StepStateName } from "#machines/step-chart.ts";

// A PlanState as JSON and back. Header, records and the payloads' references go in; indexes are derived again (P1), and
// a record that nothing has happened to is left out.

/** Changes whenever the encoding or the meaning of a record does: an older snapshot is then ignored. */
export const SNAPSHOT_VERSION = "plan-state@1";

interface Encoded {
  readonly revision: number;
  readonly header: { readonly value: PlanStateName; readonly context: PlanContext };
  readonly machine: string;
  readonly definition: Payload;
  readonly definitionHash: string;
  readonly inputs?: Payload;
  readonly outputs?: Payload;
  readonly response?: Payload;
  readonly error?: NonNullable<PlanState["error"]>;
  readonly steps: readonly EncodedRecord[];
}

type EncodedRecord = readonly [
  index: number,
  value: StepStateName,
  context: StepContext,
  rest: Omit<StepRecord, "chart" | "dispatched" | "output" | "error" | "skipped"> & {
    readonly dispatched?: NonNullable<StepRecord["dispatched"]>;
    readonly output?: Payload;
    readonly error?: NonNullable<StepRecord["error"]>;
    readonly skipped?: NonNullable<StepRecord["skipped"]>;
  },
];

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
    steps: state.steps.flatMap((record, index) =>
      isPristine(record, plan.graph.needs[index] ?? []) ? [] : [encodeRecord(record, index)],
    ),
  };
  return structuredCloneJson(encoded);
}

/** Fault `snapshot-unreadable` for anything that is not what `encodeState` made; who gets it folds the log instead. */
export function decodeState(planId: PlanId, source: Json, blobs: Blobs): PlanState {
  try {
    return restore(emptyState(planId), source as unknown as Encoded, blobs);
  } catch (cause) {
    throw new Fault("snapshot-unreadable", `the snapshot of plan ${planId} cannot be read`, { cause });
  }
}

/** The blob that a snapshot's definition is kept in, if it is. */
export function definitionOf(source: Json): Payload {
  return (source as unknown as Encoded).definition;
}

function restore(state: PlanState, encoded: Encoded, blobs: Blobs): PlanState {
  const { machine, definition: definitionPayload, definitionHash } = encoded;
  state.drafted = draftedFrom({ machine, definitionPayload, definitionHash }, blobs);
  state.revision = encoded.revision;
  state.header = restorePlan(encoded.header.value, encoded.header.context);
  state.inputs = encoded.inputs;
  state.outputs = encoded.outputs;
  state.response = encoded.response;
  state.error = encoded.error;
  for (const needs of state.drafted.graph.needs) state.steps.push(pristineRecord(needs.length));
  for (const [index, value, context, rest] of encoded.steps) {
    state.steps[index] = {
      dispatched: undefined,
      output: undefined,
      error: undefined,
      skipped: undefined,
      ...rest,
      attempts: rest.attempts.map((attempt) => ({ ...attempt })),
      chart: { value, context },
    };
  }
  rebuildIndexes(state);
  return state;
}

function encodeRecord(record: Readonly<StepRecord>, index: number): EncodedRecord {
  const { chart, dispatched, output, error, skipped, ...rest } = record;
  return [index, chart.value, chart.context, { ...rest, ...defined({ dispatched, output, error, skipped }) }];
}

function isPristine(record: Readonly<StepRecord>, needs: readonly number[]): boolean {
  return (
    record.chart.value === "pending" &&
    record.readyAt === 0 &&
    record.openNeeds === needs.length &&
    record.skippedNeeds === 0 &&
    record.attempts.length === 0
  );
}

type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> };

function defined<T extends object>(source: T): Defined<T> {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The state goes on changing; what is stored must not. */
function structuredCloneJson(encoded: Encoded): Json {
  return JSON.parse(JSON.stringify(encoded)) as Json;
}
