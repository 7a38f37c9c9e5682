import type { EachStep, ToolStep } from "#events/definition.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { ValidationFinding } from "#src/planning/validation/grounds.ts";
import { named, type PlacedStep } from "#src/planning/validation/places.ts";

// Pools, resources and keys against what there is. A step that wants more than there is would wait for ever; an `each` that wants more
// items at once than the limits let run only thinks that it is wide.

export function claimFindings(steps: readonly PlacedStep[], limits: Limits): readonly ValidationFinding[] {
  return steps.flatMap((placed) => [...claimsOf(placed, limits), ...widthOf(placed, limits)]);
}

function claimsOf(placed: PlacedStep, limits: Limits): readonly ValidationFinding[] {
  const { step } = placed;
  if (step.kind !== "tool") return [];
  const path = (...inner: string[]) => (placed.called === undefined ? [...placed.path, ...inner] : placed.path);
  const found: ValidationFinding[] = [];
  const { pool, uses = {} } = step;
  if (pool !== undefined && limits.pool(pool) === undefined) {
    const message = `${named(placed)} runs in the pool ${pool}, which is not declared`;
    found.push({
      code: "unknown-pool",
      severity: "error",
      message,
      path: path("pool"),
    });
  }
  for (const [name, amount] of Object.entries(uses)) {
    const capacity = limits.resource(name);
    if (capacity === undefined) {
      const message = `${named(placed)} uses ${name}, which is not declared`;
      found.push({
        code: "unknown-resource",
        severity: "error",
        message,
        path: path("uses", name),
      });
    } else if (amount > capacity) {
      const message = `${named(placed)} wants ${amount} of ${name}, and there is ${capacity}`;
      found.push({
        code: "too-much-wanted",
        severity: "error",
        message,
        path: path("uses", name),
      });
    }
  }
  return found;
}

/** How many attempts of a step the limits let run at once, and which of them is the tightest. */
function widthUnder(step: ToolStep, limits: Limits): { readonly width: number; readonly by: string } {
  const { pool, key, uses = {} } = step;
  const bounds = [
    ...(pool === undefined ? [] : [{ width: limits.pool(pool) ?? Infinity, by: `the pool ${pool}` }]),
    ...(isFixed(key) ? [{ width: limits.key(key), by: `the key ${key}` }] : []),
    ...Object.entries(uses).map(([name, amount]) => ({
      width: Math.floor((limits.resource(name) ?? Infinity) / amount),
      by: `the resource ${name}`,
    })),
  ];
  return bounds.reduce((least, bound) => (bound.width < least.width ? bound : least), { width: Infinity, by: "" });
}

/** A key that is the same for all items. */
function isFixed(key: string | undefined): key is string {
  return key !== undefined && !key.includes("${");
}

function widthOf(placed: PlacedStep, limits: Limits): readonly ValidationFinding[] {
  const { step, path, called } = placed;
  if (step.kind !== "each") return [];
  const tightest = toolsIn(step)
    .map((inner) => widthUnder(inner, limits))
    .reduce((least, bound) => (bound.width < least.width ? bound : least), {
      width: Infinity,
      by: "",
    });
  if (tightest.width < 1 || tightest.width >= step.concurrency) return [];
  const message = `${named(placed)} has ${step.concurrency} items under way at once, and ${tightest.by} lets ${tightest.width} run`;
  const suggestion = `concurrency: ${tightest.width}`;
  const place = called === undefined ? [...path, "concurrency"] : path;
  return [
    {
      code: "width-limited",
      severity: "warning",
      message,
      path: place,
      suggestion,
    },
  ];
}

function toolsIn({ body }: EachStep): readonly ToolStep[] {
  return body.steps.filter((step) => step.kind === "tool");
}
