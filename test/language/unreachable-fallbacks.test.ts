import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ERROR_CATEGORIES, type ErrorCategory } from "#events/errors.ts";
import type { FallbackSource } from "#src/language/source-schema.ts";
import { unreachableFallbacks } from "#src/language/unreachable-fallbacks.ts";
import { findingsOf, planOf } from "./tools.ts";

const OTHER = "  b: { tool: json.read, with: { path: y } }\n";

describe("a fallback that no failure leads to", () => {
  it.each([
    ["behind a value", "[{ value: 1 }, { value: 2 }]", [1]],
    ["behind a value for the same failures", "[{ value: 1, on: [timeout, quota] }, { value: 2, on: [quota] }]", [1]],
    [
      "behind values that have all of its failures together",
      "[{ value: 1, on: [quota] }, { value: 2, on: [timeout] }, { value: 3, on: [timeout, quota] }]",
      [2],
    ],
    ["no: for other failures as well", "[{ value: 1, on: [quota] }, { value: 2, on: [quota, timeout] }]", []],
    ["no: behind an expression, which may fail", "[{ value: '${steps.b.output.x}' }, { value: 2 }]", []],
    ["no: behind a tool, which may fail", "[{ tool: json.read, with: { path: x } }, { value: 2 }]", []],
    [
      "no: behind a tool that fails otherwise than the step has",
      "[{ value: 1, on: [timeout] }, { tool: json.read, with: { path: x }, on: [quota] }, { value: 2, on: [timeout] }]",
      [],
    ],
  ])("is named as a warning: %s", (_, fallback, expected) => {
    const found = findingsOf(planOf(`${OTHER}  a: { tool: json.read, with: { path: x }, fallback: ${fallback} }`));
    expect(found.map(({ code, severity, path }) => [code, severity, path.at(-1)])).toEqual(
      expected.map((at) => ["fallback-unreachable", "warning", at]),
    );
  });

  it("is one that is not come upon whatever the step and its fallbacks fail with", () => {
    const on = fc.option(fc.subarray(["timeout", "quota", "conflict"] as const, { minLength: 1 }), { nil: undefined });
    const fallback = fc.record({ kind: fc.constantFrom("value", "expression", "tool"), on }).map(fallbackOf);
    fc.assert(
      fc.property(fc.array(fallback, { maxLength: 6 }), (fallbacks) => {
        const reached = comeUpon(fallbacks);
        expect(unreachableFallbacks(fallbacks)).toEqual([...fallbacks.keys()].filter((at) => !reached.has(at)));
      }),
      { numRuns: 1_000 },
    );
  });
});

function fallbackOf({ kind, on }: { kind: string; on: readonly ErrorCategory[] | undefined }): FallbackSource {
  const after = on === undefined ? {} : { on };
  if (kind === "tool") return { tool: "json.read", with: { path: "x" }, ...after };
  return { value: kind === "value" ? 1 : "${[1][0]}", ...after };
}

/** By trying every failure at every place. */
function comeUpon(fallbacks: readonly FallbackSource[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const failAt = (at: number): void => {
    for (const category of ERROR_CATEGORIES) {
      const next = fallbacks.findIndex(({ on }, index) => index > at && (on?.includes(category) ?? true));
      if (next < 0 || reached.has(next)) continue;
      reached.add(next);
      const fallback = fallbacks[next];
      if (fallback !== undefined && !("value" in fallback && fallback.value === 1)) failAt(next);
    }
  };
  failAt(-1);
  return reached;
}
