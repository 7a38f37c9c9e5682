import type { ToolStep } from "#events/definition.ts";
import { z } from "zod";
import type { Json } from "#events/json.ts";
import { inline, payload, refsOf, valueOf, type ListPart } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { evaluate, notAtHand, type Evaluated } from "#machines/evaluate.ts";
import type { Scope } from "#machines/scope.ts";
import { definitionAt, pathAt, recordAt, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { backwards, mayHaveEffect } from "#machines/undoing.ts";

// The calls that take steps back, in layers: whatever depended on a step is taken back in an earlier layer than the step
// itself, and the calls of one layer are independent of each other. Layers count through everything inside a step, so
// that what is inside of it comes after all that depends on it and before all that it depends on.

const undoCall = z.object({
  step: z.string(),
  tool: z.string(),
  version: z.string(),
  args: payload.optional(),
  problem: z.object({ code: z.string(), message: z.string() }).optional(),
});
/** One undo call as a rollback lists it; `problem` says why there are no arguments. */
export type UndoCall = Readonly<z.infer<typeof undoCall>>;

export interface Undoing {
  readonly scopes: readonly Scope[];
  /** The scopes came one after the other, and are taken back so. */
  readonly isInTurn?: boolean;
  /** Only these steps of the scopes. */
  readonly within?: ReadonlySet<number>;
}

/** Everything in the scopes that may have an effect and can be taken back: the parts of a list, by layer. */
export function undoLayers(
  state: PlanView,
  { scopes, isInTurn = false, within }: Undoing,
  blobs: Blobs,
): Exclude<Evaluated<readonly (readonly ListPart[])[]>, { kind: "error" }> {
  const collecting: Collecting = { state, blobs, layers: [], missing: new Set() };
  let free = 0;
  for (const scope of [...scopes].reverse()) {
    const end = collect(collecting, scope, { at: isInTurn ? free : 0, ...(within === undefined ? {} : { within }) });
    free = Math.max(free, end);
  }
  if (collecting.missing.size > 0) return { kind: "needs-blobs", refs: [...collecting.missing] };
  return { kind: "value", value: collecting.layers.map(({ calls, parts }) => [...listed(calls), ...parts]) };
}

interface Given {
  readonly index: number;
  readonly undo: Undo;
  /** What the step gave; null where nobody knows. */
  readonly output: Json;
}

type Undo = NonNullable<ToolStep["undo"]>;

/** The arguments of a step's undo call, given what the step gave. */
export function undoArguments(state: PlanView, { index, undo, output }: Given, blobs: Blobs): Evaluated {
  const { scope } = recordAt(state, index);
  const key = `${definitionAt(state, index).id}/undo`;
  return evaluate(state, { scope, key, source: undo.call.with ?? {}, variables: { output } }, blobs);
}

/** An entry of a rollback's list, as it was recorded. */
export function undoCallOf(entry: Json): UndoCall | undefined {
  return undoCall.safeParse(entry).data;
}

interface Layer {
  readonly calls: UndoCall[];
  readonly parts: ListPart[];
}

interface Collecting {
  readonly state: PlanView;
  readonly blobs: Blobs;
  readonly layers: Layer[];
  readonly missing: Set<string>;
}

interface From {
  /** The first layer that may be used. */
  readonly at: number;
  readonly within?: ReadonlySet<number>;
}

/** Gives the first layer that is free after all that the scope takes back. */
function collect(collecting: Collecting, scope: Scope, { at, within }: From): number {
  const freeAfter = new Map<number, number>();
  let most = at;
  for (const local of backwards(scope)) {
    const dependents = scope.block.graph.dependents[local] ?? [];
    const first = dependents.reduce((latest, next) => Math.max(latest, freeAfter.get(next) ?? at), at);
    const isWanted = within === undefined || within.has(local);
    const free = isWanted ? collectStep(collecting, scope.base + local, first) : first;
    freeAfter.set(local, free);
    most = Math.max(most, free);
  }
  return most;
}

function collectStep(collecting: Collecting, index: number, at: number): number {
  const { state } = collecting;
  const record = recordAt(state, index);
  const step = definitionAt(state, index);
  if (step.kind === "tool") {
    if (step.undo === undefined || !mayHaveEffect(record)) return at;
    layerAt(collecting, at).calls.push(callOf(collecting, index, { undo: step.undo, record }));
    return at + 1;
  }
  return collectInside(collecting, index, at);
}

function collectInside(collecting: Collecting, index: number, at: number): number {
  const { expansion } = recordAt(collecting.state, index);
  if (expansion === undefined) return at;
  const isInTurn = definitionAt(collecting.state, index).kind === "repeat";
  let free = at;
  for (const scope of [...expansion.scopes.values()].reverse()) {
    const end = collect(collecting, scope, { at: isInTurn ? free : at });
    free = Math.max(free, end);
  }
  for (const { undo } of [...expansion.closed].reverse()) {
    const first = isInTurn ? free : at;
    undo.forEach((parts, layer) => layerAt(collecting, first + layer).parts.push(...parts));
    free = Math.max(free, first + undo.length);
  }
  return free;
}

interface Undoable {
  readonly undo: Undo;
  readonly record: Readonly<StepRecord>;
}

function callOf(collecting: Collecting, index: number, { undo, record }: Undoable): UndoCall {
  const step = pathAt(collecting.state, index);
  if (record.undo !== undefined) return { step, ...record.undo };
  const { tool, version } = undo.call;
  const args = argumentsOf(collecting, index, { undo, record });
  if (args.kind === "value") return { step, tool, version, args: inline(args.value) };
  if (args.kind === "needs-blobs") return { step, tool, version };
  const { code, message } = args.error;
  return { step, tool, version, problem: { code, message } };
}

/** Of a step whose success did not record them; what has to be loaded for them is noted. */
function argumentsOf({ state, blobs, missing }: Collecting, index: number, { undo, record }: Undoable): Evaluated {
  const { output: source = inline(null) } = record;
  const output = valueOf(source, blobs);
  const args =
    output === undefined ? notAtHand(refsOf(source), blobs) : undoArguments(state, { index, undo, output }, blobs);
  if (args.kind === "needs-blobs") for (const ref of args.refs) missing.add(ref);
  return args;
}

function layerAt({ layers }: Collecting, at: number): Layer {
  while (layers.length <= at) layers.push({ calls: [], parts: [] });
  return layers[at] ?? { calls: [], parts: [] };
}

/** The calls of a layer as one part of a list. */
function listed(calls: readonly UndoCall[]): ListPart[] {
  if (calls.length === 0) return [];
  return [{ items: { inline: calls as readonly Json[] }, count: calls.length }];
}
