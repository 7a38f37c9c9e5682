// Random plans: every kind of step, inside each other, with needs, conditions, fallbacks and policies of every kind.
import fc from "fast-check";
import {
  calledPlan,
  type Alternative,
  type Join,
  type PlanDefinition,
  type StepDefinition,
  type ToolStep,
} from "#events/definition.ts";
import { approve, call, calling, each, ONCE, planOf, repeat, signal, tool, value, wait } from "./plans.ts";

export const MAX_STEPS = 8;

/** Names of signals that steps of random plans wait for. */
export const SIGNALS = ["go", "stop"] as const;

/** An expression that has no value in any world. */
const NOTHING = "${inputs.list[0]}";

const alternatives: fc.Arbitrary<Alternative> = fc.oneof(
  fc.boolean().map((idempotent) => call({ idempotent, timeoutMs: 1_000 })),
  fc.constantFrom({ value: 1 }, { value: NOTHING }),
);

const KINDS = ["tool", "tool", "tool", "tool", "value", "wait", "signal", "approve"] as const;

/** Looks for the effect of an attempt, and finds it where the tool gives an even number. */
const VERIFY: ToolStep["unknown"] = {
  verify: call({ tool: "test.look" }),
  done: "output == 0 || output == 2 || output == 4",
  output: "${output}",
};

const simple = fc.record({
  kind: fc.constantFrom(...KINDS),
  needs: fc.nat({ max: 255 }),
  join: fc.constantFrom<Join>("all", "all", "any", { first: 1 }, { first: 2 }),
  when: fc.constantFrom(undefined, undefined, undefined, "true", "false", "inputs.list[0] == 1"),
  deadlineMs: fc.constantFrom(undefined, undefined, 400, 9_000),
  fallback: fc.array(alternatives, { maxLength: 2 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  idempotent: fc.boolean(),
  unknown: fc.constantFrom<ToolStep["unknown"]>("ask", "retry", "undo", VERIFY),
  priority: fc.constantFrom(undefined, undefined, -1, 1),
  hasValue: fc.integer({ min: 0, max: 4 }),
  hasUndo: fc.boolean(),
});
type Simple = typeof simple extends fc.Arbitrary<infer T> ? T : never;

/** A step with steps inside: the shape says when it starts and what follows, the inside what it does. */
interface Inside {
  readonly kind: "each" | "repeat" | "call";
  readonly shapes: readonly Shape[];
  readonly count: number;
  readonly concurrency: number;
  readonly tolerated: number;
}

type Shape = Simple & { readonly inside: Inside | undefined };

/** Most steps of one block inside of another, and how deep blocks stand in each other. */
const MAX_STEPS_INSIDE = 3;
const MAX_DEPTH = 2;

function shapesAt(depth: number): fc.Arbitrary<Shape> {
  if (depth === 0) return simple.map((shape) => ({ ...shape, inside: undefined }));
  const inside = fc.record({
    kind: fc.constantFrom("each" as const, "repeat" as const, "call" as const),
    shapes: fc.array(shapesAt(depth - 1), { minLength: 1, maxLength: MAX_STEPS_INSIDE }),
    count: fc.integer({ min: 0, max: 3 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    tolerated: fc.integer({ min: 0, max: 2 }),
  });
  const maybe = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: inside });
  return fc.tuple(simple, maybe).map(([shape, within]) => ({ ...shape, inside: within }));
}

const shapes = shapesAt(MAX_DEPTH);

export const plans = fc
  .record({
    shapes: fc.array(shapes, { minLength: 1, maxLength: MAX_STEPS }),
    onFailure: fc.constantFrom("stop" as const, "continue" as const, "continue" as const, "rollback" as const),
    deadlineMs: fc.constantFrom(undefined, undefined, undefined, 5_000),
    pauseStopsClock: fc.boolean(),
  })
  .map((source) =>
    planOf(
      source.shapes.map((shape, index) => stepOf(shape, `s${index}`, index)),
      {
        onFailure: source.onFailure,
        calls: callsOf(source.shapes),
        ...(source.pauseStopsClock ? { pauseStopsClock: true } : {}),
        ...(source.deadlineMs === undefined ? {} : { deadlineMs: source.deadlineMs }),
      },
    ),
  );

function stepOf(shape: Shape, id: string, index: number): StepDefinition {
  const needs = Array.from({ length: index }, (_, need) => need)
    .filter((need) => (shape.needs >> need) & 1 && (shape.needs + need) % 3 > 0)
    .map((need) => `${id.slice(0, -String(index).length)}${need}`);
  const { join, when, deadlineMs, fallback, priority } = shape;
  const common = {
    needs,
    join,
    fallback,
    ...(when === undefined ? {} : { when }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(priority === undefined ? {} : { priority }),
  };
  return shape.inside === undefined ? plainOf(id, shape, common) : insideOf(id, shape.inside, common);
}

function plainOf(id: string, shape: Shape, common: CommonFields): StepDefinition {
  switch (shape.kind) {
    case "tool":
      return toolOf(id, shape, common);
    case "value":
      return value(id, templateOf(shape), common);
    case "wait":
      return wait(id, 300, common);
    case "signal":
      return signal(id, SIGNALS[shape.hasValue % SIGNALS.length] ?? "go", common);
    case "approve":
      return approve(id, { ...common, ...(shape.hasValue > 2 ? { expiresMs: 600, approvers: 2 } : {}) });
  }
}

function toolOf(id: string, shape: Shape, common: CommonFields): ToolStep {
  const { idempotent, unknown, hasUndo, attempts, hasValue } = shape;
  const retry = { ...ONCE, attempts, on: { validation: {} } };
  const irreversible = hasValue === 1 && !hasUndo ? { irreversible: true } : {};
  const undo = { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE };
  const fields = { ...common, retry, unknown, ...(hasUndo ? { undo } : {}), ...irreversible };
  return tool(id, fields, { idempotent, timeoutMs: 1_000, with: { x: templateOf(shape) } });
}

function templateOf({ hasValue }: Shape): string | number {
  return hasValue === 0 ? NOTHING : 1;
}

type CommonFields = NonNullable<Parameters<typeof wait>[2]>;

/** Steps inside have the name of the outer one in theirs, so that no name is there twice. */
function insideOf(id: string, { kind, shapes: inner, count, concurrency, tolerated }: Inside, common: CommonFields) {
  const body = inner.map((shape, index) => stepOf(shape, `${id}x${index}`, index));
  switch (kind) {
    case "each":
      return each(id, [1, 2, 3].slice(0, count), {
        ...common,
        steps: body,
        concurrency,
        tolerate: { count: tolerated },
      });
    case "repeat":
      return repeat(id, `index >= ${count - 1}`, { ...common, steps: body, max: 3 });
    case "call":
      return calling(id, id, common);
  }
}

/** The plans that the calls of a plan call, each by the name of its step. */
function callsOf(all: readonly Shape[], prefix = "s"): NonNullable<PlanDefinition["calls"]> {
  const found = all.map(({ inside }, index) => {
    if (inside === undefined) return {};
    const id = `${prefix}${index}`;
    const within = callsOf(inside.shapes, `${id}x`);
    if (inside.kind !== "call") return within;
    const steps = inside.shapes.map((shape, inner) => stepOf(shape, `${id}x${inner}`, inner));
    const plan = calledPlan.parse({ name: id, steps, onFailure: inside.tolerated > 0 ? "continue" : "stop" });
    return { ...within, [id]: plan };
  });
  return Object.assign({}, ...found) as NonNullable<PlanDefinition["calls"]>;
}
