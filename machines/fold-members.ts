import type { StepDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { beginMembers } from "#machines/indexes.ts";
import { expansionAt, reviewMembers } from "#machines/members.ts";
import { memberPath, NO_MEMBER, openScope, type Expansion, type Scope } from "#machines/scope.ts";
import { definitionAt, pathAt, recordAt, type PlanState } from "#machines/state.ts";
import { pristineRecord } from "#machines/step-record.ts";
import type { StepEvent } from "#machines/step-chart.ts";

// Members of a step come and go: a window opens with scopes and records for its members, and closes with what stays of
// them. Opening costs O(members · steps inside), which every member pays once.

type EventOf<T extends StepEvent["type"]> = Extract<StepEvent, { type: T }>;

export function foldExpanded(state: PlanState, index: number, { data, at }: EventOf<"StepExpanded">): void {
  const record = recordAt(state, index);
  const expansion = (record.expansion ??= expansionOf(state, index, data));
  record.answering = data.answers ?? record.answering;
  const { from, to } = data;
  if (from !== expansion.opened || to <= from || to > expansion.total) {
    throw new Fault("event-refused", `${data.step} has ${expansion.opened} of ${expansion.total} members, not ${from}`);
  }
  for (let member = from; member < to; member++) openMember(state, index, { member, data });
  expansion.windows.push({ from, to, left: to - from });
  expansion.opened = to;
  beginMembers(state, index, at);
  reviewMembers(state, index);
}

export function foldWindowClosed(state: PlanState, index: number, { data }: EventOf<"StepWindowClosed">): void {
  const expansion = expansionAt(state, index);
  const { from, to, outputs, errors, undo = [] } = data;
  const closing = expansion.windows.filter((window) => from <= window.from && window.to <= to);
  const members = closing.reduce((sum, window) => sum + window.to - window.from, 0);
  if (to <= from || members !== to - from || closing.some(({ left }) => left > 0)) {
    throw new Fault("event-refused", `the members ${from} to ${to} of ${data.step} have not ended`);
  }
  for (const window of closing) expansion.windows.splice(expansion.windows.indexOf(window), 1);
  for (let member = from; member < to; member++) forget(state, expansion, member);
  expansion.closed.push({ from, to, outputs, errors, undo });
  reviewMembers(state, index);
}

function expansionOf(
  state: PlanState,
  index: number,
  { total = 1, items, barriers }: EventOf<"StepExpanded">["data"],
): Expansion {
  const { scope } = recordAt(state, index);
  const block = scope.block.inner[index - scope.base];
  if (block === undefined) throw new Fault("event-refused", `${pathAt(state, index)} has no steps inside`);
  return {
    block,
    total,
    items,
    ...boundsOf(definitionAt(state, index), total),
    opened: 0,
    begun: 0,
    ended: 0,
    failed: 0,
    held: 0,
    barriers: new Set(barriers),
    busy: 0,
    scopes: new Map(),
    windows: [],
    closed: [],
  };
}

function boundsOf(step: StepDefinition, total: number): Pick<Expansion, "concurrency" | "tolerated"> {
  // One answer that fails leaves the next one its turn.
  if (step.kind === "tool") return { concurrency: 1, tolerated: total };
  if (step.kind !== "each") return { concurrency: 1, tolerated: 0 };
  const { concurrency, tolerate } = step;
  return { concurrency, tolerated: "count" in tolerate ? tolerate.count : Math.floor(tolerate.share * total) };
}

interface Opening {
  readonly member: number;
  readonly data: EventOf<"StepExpanded">["data"];
}

function openMember(state: PlanState, index: number, { member, data: { inputs, previous } }: Opening): void {
  const { block, scopes } = expansionAt(state, index);
  const { generation } = recordAt(state, index);
  const number = block.isClosed && !block.isUndo ? NO_MEMBER : member;
  const scope = openScope({
    path: memberPath(pathAt(state, index), { member: number, generation }),
    parent: index,
    member: number,
    block,
    base: state.steps.length,
    inputs,
    previous,
  });
  for (let local = 0; local < block.steps.length; local++) state.steps.push(pristineRecord(scope, local));
  state.held += block.steps.length;
  state.in.pending += block.steps.length;
  scopes.set(number, scope);
}

/** Takes the records of a member out of memory; who may still report late stays. */
function forget(state: PlanState, { scopes }: Expansion, member: number): void {
  const scope = scopes.get(member);
  if (scope === undefined) return;
  scopes.delete(member);
  forgetScope(state, scope);
}

/** Takes the records of a scope, and of all inside it, out of memory. */
export function forgetScope(state: PlanState, scope: Scope): void {
  for (let index = scope.base; index < scope.base + scope.block.steps.length; index++) {
    const { attempts, expansion } = recordAt(state, index);
    for (const { attempt, executor, result, late } of attempts) {
      const isSilent = (result === "lost" || result === "timed-out") && late === undefined;
      if (isSilent) state.silent.set(`${pathAt(state, index)}#${attempt}`, executor);
    }
    expansion?.scopes.forEach((inner) => forgetScope(state, inner));
    state.steps[index] = undefined;
    state.held--;
  }
}
