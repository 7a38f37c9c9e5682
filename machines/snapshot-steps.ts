import type { Payload } from "#events/payload.ts";
import { countBusy } from "#machines/indexes.ts";
import { memberPath, openScope, type Expansion, type Scope } from "#machines/scope.ts";
import { pathAt, type PlanState, type PlanView } from "#machines/state.ts";
import { neededSuccesses, pristineRecord, type StepRecord } from "#machines/step-record.ts";
import type { StepContext, StepStateName } from "#machines/step-chart.ts";

// The records of a scope as JSON and back, with the scopes inside them. Numbers of steps are given anew: nothing that is
// stored names a step by its number.

export type EncodedSteps = readonly EncodedRecord[];

type EncodedRecord = readonly [
  /** Number of the step within its block. */
  local: number,
  value: StepStateName,
  context: StepContext,
  rest: Partial<Omit<StepRecord, "chart" | "scope" | "expansion">>,
  expansion?: EncodedExpansion,
];

interface EncodedExpansion extends Omit<Expansion, "block" | "busy" | "scopes" | "barriers"> {
  readonly barriers: readonly number[];
  readonly members: readonly EncodedMember[];
}

interface EncodedMember {
  readonly member: number;
  readonly inputs?: Payload;
  readonly previous?: Payload;
  readonly result: Scope["result"];
  readonly isHeld?: boolean;
  readonly steps: EncodedSteps;
}

export function encodeSteps(state: PlanView, { base, block }: Scope): EncodedSteps {
  return block.steps.flatMap((_, local): EncodedRecord[] => {
    const record = state.steps[base + local];
    if (record === undefined || isPristine(record, neededSuccesses(block, local))) return [];
    const { chart, scope: _scope, expansion, ...rest } = record;
    const encoded = [local, chart.value, chart.context, rest] as const;
    return [expansion === undefined ? encoded : [...encoded, encodeExpansion(state, expansion)]];
  });
}

/** Makes the records of a scope, and of all that it had inside. */
export function decodeSteps(state: PlanState, scope: Scope, encoded: EncodedSteps): void {
  const { block, base } = scope;
  block.steps.forEach((_, local) => state.steps.push(pristineRecord(scope, local)));
  state.held += block.steps.length;
  for (const [local, value, context, rest, expansion] of encoded) {
    const index = base + local;
    const record: StepRecord = { ...pristineRecord(scope, local), ...rest, chart: { value, context } };
    record.attempts = record.attempts.map((attempt) => ({ ...attempt }));
    state.steps[index] = record;
    if (value === "failed") scope.failed++;
    if (record.isStartable) scope.startable++;
    if (expansion !== undefined) decodeExpansion(state, index, expansion);
    if (value === "running" || value === "unknown") countBusy(state, scope, 1);
  }
}

function encodeExpansion(state: PlanView, expansion: Expansion): EncodedExpansion {
  const { block: _block, busy: _busy, scopes, barriers, ...fields } = expansion;
  const members = [...scopes.values()].map((scope) => encodeMember(state, scope));
  return { ...fields, barriers: [...barriers], members };
}

function encodeMember(state: PlanView, scope: Scope): EncodedMember {
  const { member, inputs, previous, result, isHeld } = scope;
  return {
    member,
    result,
    ...(isHeld ? { isHeld } : {}),
    ...(inputs === undefined ? {} : { inputs }),
    ...(previous === undefined ? {} : { previous }),
    steps: encodeSteps(state, scope),
  };
}

function decodeExpansion(state: PlanState, index: number, { members, barriers, ...fields }: EncodedExpansion): void {
  const record = state.steps[index];
  const block = record?.scope.block.inner[index - record.scope.base];
  if (record === undefined || block === undefined) return;
  const { windows, closed } = fields;
  const scopes = new Map<number, Scope>();
  const own = { windows: windows.map((window) => ({ ...window })), closed: [...closed] };
  record.expansion = { ...fields, ...own, barriers: new Set(barriers), block, busy: 0, scopes };
  for (const { member, result, isHeld = false, inputs, previous, steps } of members) {
    const path = memberPath(pathAt(state, index), { member, generation: record.generation });
    const scope = openScope({ path, parent: index, member, block, base: state.steps.length, inputs, previous });
    scope.result = result;
    scope.isHeld = isHeld;
    scopes.set(member, scope);
    decodeSteps(state, scope, steps);
  }
}

function isPristine(record: Readonly<StepRecord>, needed: number): boolean {
  return (
    record.chart.value === "pending" &&
    record.readyAt === 0 &&
    record.openNeeds === needed &&
    record.skippedNeeds === 0 &&
    record.attempts.length === 0 &&
    record.generation === 1
  );
}
