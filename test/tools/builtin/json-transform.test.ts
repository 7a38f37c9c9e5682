import { describe, expect, it } from "vitest";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { builtinTools } from "#src/tools/builtin/all.ts";
import { jsonTransform } from "#src/tools/builtin/json-transform.ts";
import { registry } from "#src/tools/registry.ts";
import { CellBench } from "../../executor/isolation/cell-bench.ts";
import { outputOf } from "../context.ts";

const ORDERS = {
  orders: [
    { customer: "ada", items: [{ name: "nut", price: 2, count: 3 }] },
    {
      customer: "bob",
      items: [
        { name: "bolt", price: 5, count: 1 },
        { name: "nut", price: 2, count: 1 },
      ],
    },
  ],
};

function transform(expression: string, data: unknown = ORDERS): Promise<unknown> {
  return outputOf(jsonTransform, { data, expression });
}

describe("json.transform", () => {
  it.each([
    ["orders.customer", ["ada", "bob"]],
    ["$sum(orders.items.(price * count))", 13],
    ["orders{customer: $sum(items.count)}", { ada: 3, bob: 2 }],
    ["orders[customer = 'bob'].items.name[]", ["bolt", "nut"]],
    ["$map(orders, function($order) { $uppercase($order.customer) })", ["ADA", "BOB"]],
    ["nobody.nowhere", null],
    ["$lookup($, 'constructor')", null],
  ])("gives for %s what JSONata says", async (expression, output) => {
    expect(await transform(expression)).toEqual(output);
  });

  it.each([
    ["orders.[", "validation invalid-arguments", "line 1, character 8"],
    ["(\n  $x := 1;\n  $x +\n)", "validation invalid-arguments", "line 4, character 1"],
    // Where the parser stumbles over a literal it names the literal's value.
    ["{}0", "validation invalid-arguments", "line 1, character 3 (0): "],
    ["{}true", "validation invalid-arguments", "(true): "],
    ["1 +\n  orders.customer", "validation transform-failed", "line 1, character 3 (+)"],
    ["$nonsense(1)", "validation transform-failed", "line 1, character 10 (nonsense)"],
    ["$error('not like this')", "validation transform-failed", "not like this"],
    ["$sum", "validation transform-not-json", "is a function"],
    ["1 / 0", "validation transform-not-json", "is not a finite number"],
    ["[1..20000000]", "resource-exhausted transform-failed", "must not exceed 1e7"],
    ["(".repeat(60_000), "validation invalid-arguments", "call stack"],
    ["$pad('x', 1e9)", "resource-exhausted transform-failed", "string length"],
  ])("fails for %.20s with code and place", async (expression, code, says) => {
    await expect(transform(expression)).rejects.toThrow(new RegExp(`^Error: ${code}: |^${code}: `));
    await expect(transform(expression)).rejects.toThrow(says);
  });

  it("has its expression looked at before the plan runs, where it is a constant", () => {
    const plan = 'plan: p\nsteps:\n  a:\n    tool: json.transform\n    with: { data: 1, expression: "1 + (2" }\n';
    const parsed = parsePlan(plan, { file: "plan.yaml" });
    const checked = parsed.ok ? checkPlan(parsed.source, { tools: registry(builtinTools) }) : parsed;
    expect(checked).toMatchObject({
      ok: false,
      findings: [{ code: "wrong-value", line: 5, message: expect.stringContaining("line 1, character 6") }],
    });
  });

  it("is isolated in a process where no step says otherwise", () => {
    expect(jsonTransform.isolate).toBe("process");
  });

  it("that never ends is stopped with its process", async () => {
    await using bench = new CellBench();
    const tool = { ...jsonTransform, module: "planwright:builtin" };
    const warm = bench.runTool(tool, "process", { data: 1, expression: "$" });
    expect(await warm.outcome).toMatchObject({ ok: true, output: 1 });
    const expression = "( $again := function($n) { $again($n + 1) }; $again(1) )";
    const run = bench.runTool(tool, "process", { data: null, expression });
    bench.abort.abort(new DOMException("took too long", "TimeoutError"));
    run.kill();
    expect(await run.outcome).toMatchObject({
      ok: false,
      error: { category: "cancelled", code: "isolated-tool-died" },
    });
  });
});
