import { describe, expect, it } from "vitest";
import { limitsFrom } from "#src/config/limits.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { planOf, spots, tools } from "./tools.ts";

const limits = limitsFrom({ pools: { browsers: { slots: 2 } }, resources: { db: { capacity: 4 } } });

function codes(words: string, options: Partial<Parameters<typeof checkPlan>[1]> = { limits }): readonly string[] {
  const parsed = parsePlan(planOf(`  a: { tool: json.read, with: { path: x }, ${words} }`), { file: "plan.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  const checked = checkPlan(parsed.source, { tools, ...options });
  return checked.ok ? [] : checked.findings.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe("what a step shares with others", () => {
  it.each([
    ["a pool that nobody declared", "pool: browser", "3:50 unknown-pool"],
    ["a resource that nobody declared", "uses: { dbs: 1 }", "3:52 unknown-resource"],
    ["more of one than there is", "uses: { db: 5 }", "3:56 too-much-wanted"],
    ["a key that has no value", "key: '${inputs.customer}'", "3:59 unknown-property"],
  ])("%s is found before it would wait for ever", (_, words, expected) => {
    expect(codes(words)).toEqual([expected]);
  });

  it("is some of it, never nothing", () => {
    expect(spots(planOf("  a: { tool: json.read, with: { path: x }, uses: { db: 0 } }"))).toEqual([
      "out-of-range: 0 } }",
    ]);
  });

  it("is accepted as far as there is of it, and where nobody says what there is", () => {
    expect(codes("pool: browsers, key: 'k-${1 + 1}', uses: { db: 4 }")).toEqual([]);
    expect(codes("pool: anything, uses: { dbs: 99 }", {})).toEqual([]);
  });
});
