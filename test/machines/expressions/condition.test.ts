import { describe, expect, it } from "vitest";
import { compileCondition } from "#machines/expressions/condition.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";

const scope = typeScope({ inputs: { type: "object", properties: { n: { type: "integer" } } }, steps: {} });
const values = { inputs: { n: 3 }, steps: () => undefined };

describe("a condition", () => {
  it.each(["inputs.n > 2", "${inputs.n > 2}", "${ inputs.n > 2 }\n", "{'a': inputs.n}.a == 3"])("reads %j", (text) => {
    const result = compileCondition(text, { scope });
    expect(result.ok && result.condition.evaluate(values)).toEqual({ ok: true, value: true });
    expect(result.ok && result.condition.references.inputs).toEqual(["n"]);
  });

  it("is refused when it cannot be true or false", () => {
    expect(compileCondition("inputs.n", { scope })).toMatchObject({
      ok: false,
      findings: [{ code: "not-a-condition" }],
    });
  });

  it("is refused with its place when it is wrong", () => {
    expect(compileCondition("inputs.m > 2", { scope })).toMatchObject({
      findings: [{ code: "unknown-property", caret: "inputs.m > 2\n       ^" }],
    });
    expect(compileCondition("x ${inputs.n > 2}", { scope })).toMatchObject({ findings: [{ code: "syntax-error" }] });
  });

  it("fails where its value is neither, if types were not checked", () => {
    const result = compileCondition("inputs.n");
    expect(result.ok && result.condition.evaluate(values)).toMatchObject({
      ok: false,
      error: { code: "type-mismatch" },
    });
  });
});
