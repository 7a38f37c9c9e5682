import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { registry } from "#src/tools/registry.ts";

function codesOf(respond: Json): readonly string[] {
  const source = { plan: "p", inputs: { n: { type: "integer" } }, steps: { v: { value: "${inputs.n}" } }, respond };
  const parsed = parsePlan(source, { file: "p.json", format: "json" });
  if (!parsed.ok) return parsed.findings.map(({ code }) => code);
  const checked = checkPlan(parsed.source, { tools: registry([]) });
  return (checked.ok ? checked.warnings : checked.findings).map(({ code, path }) => `${code} ${path.join(".")}`);
}

describe("a response by how the plan ends", () => {
  it("has a template for each, of which those without success read how far the plan came", () => {
    const $partial =
      "${done} of ${total}. ${failed.map(f, f.step + f.reason).join('; ')}. ${size(left)}. ${next} ${inputs.n}";
    expect(codesOf({ $done: "${steps.v.output}", $partial, $failed: { why: "${failed[0].category}" } })).toEqual([]);
  });

  it("is refused where a template is wrong, or a word is none", () => {
    expect(codesOf({ $done: "${done}" })).toEqual([expect.stringContaining("respond.$done")]);
    expect(codesOf({ $partial: "${failed[0].reason + 1}" })).toEqual([expect.stringContaining("respond.$partial")]);
    expect(codesOf({ $done: "x", $partally: "y" })).toEqual(["unknown-word respond.$partally"]);
  });

  it("is no mapping that has none of its words: that is a response as it stands", () => {
    expect(codesOf({ done: "${steps.v.output}", failed: 3, $schema: "x" })).toEqual([]);
  });
});
