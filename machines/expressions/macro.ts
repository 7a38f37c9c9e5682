import type { Compilation, Evaluate, Frame } from "#machines/expressions/evaluation.ts";
import { EvaluationError, isForgivable } from "#machines/expressions/evaluation-error.ts";
import type { ExpressionOf, Macro } from "#machines/expressions/expression-tree.ts";
import { charge, chargeElements } from "#machines/expressions/meter.ts";
import { isList, isMap, kindOf } from "#machines/expressions/value.ts";
import type { Value } from "#machines/expressions/value.ts";

// The macros run over the elements of a list or the keys of a map.
// Nesting multiplies, so every element pays for the whole body, also for the branch that it does not take.

interface Loop {
  readonly range: Evaluate;
  readonly slot: number;
  readonly condition: (frame: Frame) => boolean;
  readonly value: Evaluate;
  /** Nodes of the body. */
  readonly units: number;
}

/** An error made and caught costs more than a node. */
const FORGIVEN_ERROR_UNITS = 200;

export function compileMacro(expression: ExpressionOf<"macro">, compilation: Compilation): Evaluate {
  const range = compilation.compile(expression.range);
  const before = compilation.nodes;
  const condition = expression.condition && compilation.compile(expression.condition);
  const value = expression.value && compilation.compile(expression.value);
  const { slot, macro } = expression;
  const loop: Loop = {
    range,
    slot,
    condition: condition === undefined ? () => true : (frame) => asBool(condition(frame), macro),
    value: value ?? ((frame) => frame.locals[slot] ?? null),
    units: compilation.nodes - before,
  };
  return runners[macro](loop);
}

/** What the elements come to, one after the other. */
export function compileReduce(expression: ExpressionOf<"reduce">, compilation: Compilation): Evaluate {
  const [range, initial] = [compilation.compile(expression.range), compilation.compile(expression.initial)];
  const before = compilation.nodes;
  const value = compilation.compile(expression.value);
  const units = compilation.nodes - before;
  const { accumulated, slot } = expression;
  return (frame) => {
    const items = itemsOf(range(frame), frame);
    let result = initial(frame);
    for (const item of items) {
      charge(frame, units);
      frame.locals[accumulated] = result;
      frame.locals[slot] = item;
      result = value(frame);
    }
    return result;
  };
}

const runners: Readonly<Record<Macro, (loop: Loop) => Evaluate>> = {
  all: (loop) => (frame) => quantify(frame, loop, false),
  exists: (loop) => (frame) => quantify(frame, loop, true),
  exists_one: (loop) => (frame) => collect(frame, loop).length === 1,
  filter: (loop) => (frame) => collect(frame, loop),
  map: (loop) => (frame) => collect(frame, loop),
};

/** `deciding` if the condition is so for one element; an error counts only where no element decides. */
function quantify(frame: Frame, loop: Loop, deciding: boolean): boolean {
  let failure: EvaluationError | undefined;
  for (const item of itemsOf(loop.range(frame), frame)) {
    charge(frame, loop.units);
    frame.locals[loop.slot] = item;
    try {
      if (loop.condition(frame) === deciding) return deciding;
    } catch (error) {
      if (!isForgivable(error)) throw error;
      charge(frame, FORGIVEN_ERROR_UNITS);
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !deciding;
}

function collect(frame: Frame, loop: Loop): readonly Value[] {
  const collected: Value[] = [];
  for (const item of itemsOf(loop.range(frame), frame)) {
    charge(frame, loop.units);
    frame.locals[loop.slot] = item;
    if (loop.condition(frame)) collected.push(loop.value(frame));
  }
  return collected;
}

function itemsOf(range: Value, frame: Frame): readonly Value[] {
  if (!isList(range) && !isMap(range)) {
    throw new EvaluationError("type-mismatch", `a list or a map is wanted, this is ${kindOf(range)}`);
  }
  const items = isList(range) ? range : Object.keys(range);
  chargeElements(frame, items.length);
  return items;
}

function asBool(value: Value, macro: Macro): boolean {
  if (typeof value === "boolean") return value;
  throw new EvaluationError("type-mismatch", `the condition of ${macro} is ${kindOf(value)}, not bool`);
}
