import type { Fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import type { Blobs } from "#machines/blobs.ts";
import { forgetScope } from "#machines/fold-members.ts";
import { orderReady, restore } from "#machines/indexes.ts";
import { recount } from "#machines/reopen.ts";
import { doesOtherwise } from "#machines/revision.ts";
import { openScope, type Scope } from "#machines/scope.ts";
import { decodeSteps, encodeSteps, type EncodedSteps } from "#machines/snapshot-steps.ts";
import { draftedFrom, draftedOf, type Drafted, type PlanState } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import { PRISTINE_CONTEXT } from "#machines/step-chart.ts";
import { asksForItself } from "#machines/step-record.ts";

// A plan goes on with another definition: the plan's own steps move into a scope of the new block, those that stay with all
// that is inside them. O(steps), once a revision.
//
// V1. A step that stays keeps its record; one that does something else now begins anew, as another generation, and its
//     attempts go on counting.
// V2. What is taken away leaves memory; a late report of it is still known for what it is.
// V3. A step of an id that was there before is another one, and goes on counting as in V1: path and number tell attempts apart.
// V4. A question that waits for people, and covers something else now, is to be put anew.
// V5. A step that asks for itself before it starts has not begun: it waits for what it needs now, and asks then.

type Revised = Extract<Fact, { type: "PlanRevised" }> & { readonly at: number };

export function reviseState(state: PlanState, { data, at }: Revised, blobs: Blobs): void {
  const before = draftedOf(state);
  const { root: old } = state;
  if (old === undefined) throw new Fault("event-refused", `plan ${state.planId} has no definition yet`);
  const { definition: definitionPayload, definitionHash } = data;
  const drafted = draftedFrom({ machine: before.machine, definitionPayload, definitionHash }, blobs);
  const encoded = encodeSteps(state, old);
  const kept = [...remapped(encoded, before, drafted), ...comeBack(state, before, drafted)];
  keepGone(state, encoded, { before, drafted });
  forgetScope(state, old);
  state.drafted = drafted;
  const { path, parent, member, inputs, previous } = old;
  const root = openScope({ path, parent, member, inputs, previous, block: drafted.block, base: state.steps.length });
  state.root = root;
  decodeSteps(state, root, kept);
  knowSilent(state);
  countStates(state);
  const readyAt = state.steps.slice(root.base).map((record) => record?.readyAt ?? 0);
  forgetIndexes(state);
  recount(state, root, at);
  keepTimes(state, root, readyAt);
  restore(state, root, at);
  for (const { scope } of state.rollbacks) restore(state, scope, at);
  orderReady(state);
}

/** The records by their place in the new definition; those that begin anew keep their attempts. */
function remapped(encoded: EncodedSteps, before: Drafted, after: Drafted): EncodedSteps {
  const staying = stayingOf(before.block.steps, after.block.steps);
  return encoded.flatMap((record): EncodedSteps => {
    const stays = staying.get(record[0]);
    if (stays === undefined) return [];
    const { step, becomes, to } = stays;
    const isOther = doesOtherwise({ step, plan: before.definition }, { step: becomes, plan: after.definition });
    if (isOther) return [anew(record, to)];
    if (isAskingOf(step, record) && needsElse(step.id, before, after)) return [notAsked(record, to)];
    const isAsked = step.kind === "approve" && record[1] === "waiting";
    return [moved(isAsked && coversElse(step.id, before, after) ? outdated(record) : record, to)];
  });
}

function isAskingOf(step: StepDefinition, [, value, context, rest]: EncodedRecord): boolean {
  return asksForItself(step, { chart: { value, context }, ...rest });
}

function needsElse(id: string, before: Drafted, after: Drafted): boolean {
  return needsOf(id, before).join("\n") !== needsOf(id, after).join("\n");
}

function needsOf(id: string, { graph, definition }: Drafted): readonly string[] {
  const needs = graph.needs[graph.indexOf.get(id) ?? -1] ?? [];
  return needs.map((local) => definition.steps[local]?.id ?? "").sort();
}

/** What was approved of it stays so (V5). */
function notAsked([, , { attempt }, { wait: _wait, ...rest }]: EncodedRecord, to: number): EncodedRecord {
  return [to, "pending", { ...PRISTINE_CONTEXT, attempt }, rest];
}

/** A question that waits is put anew where what it covers is not what it was (V4). */
function outdated(record: EncodedRecord): EncodedRecord {
  const [local, value, context, rest, expansion] = record;
  if (rest.wait === undefined) return record;
  const known = { ...rest, wait: { ...rest.wait, isOutdated: true } };
  return expansion === undefined ? [local, value, context, known] : [local, value, context, known, expansion];
}

/** Whether what an approve step covers, the steps that need it, is different. */
function coversElse(id: string, before: Drafted, after: Drafted): boolean {
  const now = new Map(dependentsOf(id, after).map((step) => [step.id, step]));
  const old = dependentsOf(id, before);
  if (old.length !== now.size) return true;
  return old.some((step) => {
    const becomes = now.get(step.id);
    if (becomes === undefined) return true;
    return doesOtherwise({ step, plan: before.definition }, { step: becomes, plan: after.definition });
  });
}

function dependentsOf(id: string, { graph, definition }: Drafted): readonly StepDefinition[] {
  const index = graph.indexOf.get(id);
  if (index === undefined) return [];
  return (graph.dependents[index] ?? []).flatMap((local) => definition.steps[local] ?? []);
}

/** V3. */
function comeBack({ gone }: PlanState, before: Drafted, after: Drafted): EncodedSteps {
  return after.block.steps.flatMap(({ id }, to): EncodedSteps => {
    const known = before.graph.indexOf.has(id) ? undefined : gone.get(id);
    if (known === undefined) return [];
    gone.delete(id);
    return [[to, "pending", { ...PRISTINE_CONTEXT, attempt: known.attempts.length }, known]];
  });
}

interface Between {
  readonly before: Drafted;
  readonly drafted: Drafted;
}

/** Nothing of a step that had not begun. */
function keepGone({ gone }: PlanState, encoded: EncodedSteps, { before, drafted }: Between): void {
  for (const record of encoded) {
    const id = before.block.steps[record[0]]?.id ?? "";
    if (drafted.graph.indexOf.has(id)) continue;
    const [, , , { attempts = [], generation = 1 }] = anew(record, 0);
    const hasBegun = attempts.length > 0 || record[4] !== undefined || generation > 2;
    if (hasBegun) gone.set(id, { attempts, generation });
  }
}

interface Staying {
  readonly step: StepDefinition;
  readonly becomes: StepDefinition;
  /** Its place in the new definition. */
  readonly to: number;
}

/** The steps of both definitions, by their place in the old one. */
function stayingOf(old: readonly StepDefinition[], now: readonly StepDefinition[]): ReadonlyMap<number, Staying> {
  const places = new Map(now.map((becomes, to) => [becomes.id, { becomes, to }]));
  const staying = new Map<number, Staying>();
  old.forEach((step, from) => {
    const place = places.get(step.id);
    if (place !== undefined) staying.set(from, { step, ...place });
  });
  return staying;
}

type EncodedRecord = EncodedSteps[number];

function moved([, value, context, rest, expansion]: EncodedRecord, to: number): EncodedRecord {
  return expansion === undefined ? [to, value, context, rest] : [to, value, context, rest, expansion];
}

/** What was taken back by then stays so: nothing of its attempts is there. */
function anew([, , { attempt }, rest]: EncodedRecord, to: number): EncodedRecord {
  const { attempts = [], generation = 1, isUndone = false } = rest;
  const kept = isUndone ? attempts.map((one) => ({ ...one, isVoid: true })) : attempts;
  return [to, "pending", { ...PRISTINE_CONTEXT, attempt }, { attempts: kept, generation: generation + 1 }];
}

/** All old records have left their places; who may still report late is known by the new ones, where there are such. */
function knowSilent(state: PlanState): void {
  for (const name of state.silent.keys()) {
    const [path = "", attempt] = name.split("#");
    const known = findStep(state, path)?.record.attempts[Number(attempt) - 1];
    if (known !== undefined) state.silent.delete(name);
  }
}

function countStates(state: PlanState): void {
  for (const name of Object.keys(state.in) as (keyof typeof state.in)[]) state.in[name] = 0;
  for (const record of state.steps) if (record !== undefined) state.in[record.chart.value]++;
}

/** All of it is derived again. */
function forgetIndexes(state: PlanState): void {
  const { ready, skippable, running, unknown, settling, asking, outdated, races, signals } = state;
  for (const index of [ready, skippable, running, unknown, settling, asking, outdated, races]) index.clear();
  signals.clearListeners();
}

/** A deadline goes on from where it began for steps that could start before. */
function keepTimes(state: PlanState, root: Scope, readyAt: readonly number[]): void {
  readyAt.forEach((before, local) => {
    const record = state.steps[root.base + local];
    if (record !== undefined && record.readyAt > 0 && before > 0) record.readyAt = before;
  });
}
