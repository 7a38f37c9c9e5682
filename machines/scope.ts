import type { ListPart, Payload } from "#events/payload.ts";
import type { Block } from "#machines/block.ts";

// Where steps are: a scope is one opening of a block. The plan is the first; every item of an `each`, every iteration
// of a `repeat` and every called plan is another, and its steps are steps like all others, in the same state.
//
// S1. A scope's steps have consecutive numbers from `base`, in the order of its block. Numbers are never used again.
// S2. `busy` counts the steps with an attempt under way or of unknown outcome, also in the scopes inside; `startable` counts
//     the scope's own steps that could start, wait, or are open. Both are kept by indexes.ts and by nothing else.
// S3. A scope whose step failed for good starts nothing more, and neither does anything inside it.

export interface Scope {
  /** Empty for the plan; `notes/3` for item 3 of the step `notes`; `release` for what the step `release` calls. */
  readonly path: string;
  /** Number of the step that it is inside of; NO_PARENT for the plan. */
  readonly parent: number;
  /** Item or iteration; NO_MEMBER where there is only one. */
  readonly member: number;
  readonly block: Block;
  readonly base: number;
  /** Of the plan, or of a called one. */
  inputs: Payload | undefined;
  /** What the iteration before gave. */
  readonly previous: Payload | undefined;
  busy: number;
  startable: number;
  /** Steps that failed for good. */
  failed: number;
  result: "open" | "succeeded" | "failed";
  /** A member that had failed, and goes on when its turn comes again: until then nothing starts in it. */
  isHeld: boolean;
}

export const NO_PARENT = -1;
export const NO_MEMBER = -1;

/** The inside of a step that is open. */
export interface Expansion {
  readonly block: Block;
  /** Members that there will be: items; iterations at most; 1 for a called plan. */
  readonly total: number;
  readonly items: Payload | undefined;
  readonly concurrency: number;
  /** Members that may fail. */
  readonly tolerated: number;
  /** Members opened, begun, ended and failed so far; members begin in order. */
  opened: number;
  begun: number;
  ended: number;
  failed: number;
  /** Members that had failed and wait for their turn to go on. */
  held: number;
  /** Members that begin only when all before them have ended. */
  readonly barriers: ReadonlySet<number>;
  /** As for a scope, over all members. */
  busy: number;
  /** Members in memory. */
  readonly scopes: Map<number, Scope>;
  readonly windows: OpenWindow[];
  /** What the closed windows gave, in the order of the items. */
  readonly closed: ClosedWindow[];
}

export interface OpenWindow {
  readonly from: number;
  readonly to: number;
  /** Members that have not ended. */
  left: number;
}

interface ClosedWindow {
  readonly from: number;
  readonly to: number;
  readonly outputs: readonly ListPart[];
  /** Of members that failed: a list of `{index, category, code, message}`; undefined where none did. */
  readonly errors: ListPart | undefined;
  /** The undo calls of its steps, in layers. */
  readonly undo: readonly (readonly ListPart[])[];
}

/** What a step that failed for good stops. */
export function isStopping({ failed, block }: Scope): boolean {
  return failed > 0 && block.onFailure === "stop";
}

/** More members have failed than may: no other begins, those under way finish what runs. */
export function isFailing({ failed, tolerated }: Expansion): boolean {
  return failed > tolerated;
}

/** Nothing runs and nothing will by itself. */
export function isSettled(scope: Scope): boolean {
  return scope.busy === 0 && (scope.startable === 0 || isStopping(scope));
}

export function openScope(fields: Omit<Scope, "busy" | "startable" | "failed" | "result" | "isHeld">): Scope {
  return { ...fields, busy: 0, startable: 0, failed: 0, result: "open", isHeld: false };
}

/** The path of a step of the scope. */
export function stepPath({ path }: Scope, id: string): string {
  return path === "" ? id : `${path}/${id}`;
}

interface Member {
  readonly member: number;
  /** How often the step has begun anew after it was undone, from 1. */
  readonly generation: number;
}

/** The path of a member of a step: `notes/3`; `notes~2/3` after the step was undone and began anew. */
export function memberPath(step: string, { member, generation }: Member): string {
  const begun = generation === 1 ? step : `${step}~${generation}`;
  return member === NO_MEMBER ? begun : `${begun}/${member}`;
}
