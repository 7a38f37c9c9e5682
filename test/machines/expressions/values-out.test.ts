import { describe, expect, it } from "vitest";
import { MAX_VALUE_DEPTH } from "#machines/expressions/limits.ts";
import { evaluated, failure, nested, template } from "./evaluated.ts";

describe("a value that leaves an expression", () => {
  it.each([
    ["-0.0", 0],
    ["[-0.0][0]", 0],
    ["[1, 2.5, 'a', true, null]", [1, 2.5, "a", true, null]],
    ["{'a': {'b': 9007199254740991}}", { a: { b: 9007199254740991 } }],
    ["-9007199254740991", -9007199254740991],
    ["[timestamp(0.0)]", ["1970-01-01T00:00:00Z"]],
    ["[duration('1s'), 'a', true, null, 1.5, {'b': false}]", ["1s", "a", true, null, 1.5, { b: false }]],
    ["[1, -0.0]", [1, 0]],
    ["[timestamp('2026-01-01T00:00:00.120Z')]", ["2026-01-01T00:00:00.120Z"]],
    ["{'a': duration('1500ms')}", { a: "1.5s" }],
    ["duration('0s')", "0s"],
    ["[[], {}]", [[], {}]],
  ])("%s is the JSON %j", (expression, value) => {
    const result = evaluated(`\${${expression}}`);
    expect(result).toEqual(value);
    expect([result].flat().some((item) => Object.is(item, -0))).toBe(false);
  });

  it.each([
    ["9007199254740992", "integer-overflow", "9007199254740992 is beyond 2^53"],
    ["-9007199254740992", "integer-overflow", "-9007199254740992 is beyond 2^53"],
    ["[1.0 / 0.0]", "not-finite", "Infinity is not a JSON number"],
    ["{'a': -1.0 / 0.0}", "not-finite", "-Infinity is not a JSON number"],
    ["0.0 / 0.0", "not-finite", "NaN is not a JSON number"],
  ])("%s cannot leave", (expression, code, message) => {
    const error = failure(`\${${expression}}`);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it("is nested as deep as a value may be, and no deeper", () => {
    const inputs = {
      fits: nested(MAX_VALUE_DEPTH - 1),
      more: nested(MAX_VALUE_DEPTH),
    };
    expect(evaluated("${[inputs.fits]}", { inputs })).toEqual([inputs.fits]);
    expect(failure("${[inputs.more]}", { inputs })).toMatchObject({
      code: "limit-exceeded",
    });
    expect(evaluated("x${inputs.more}", { inputs })).toBe(`x${JSON.stringify(inputs.more)}`);
  });

  it("is handed on unread where an expression only names it, however deep it is", () => {
    const inputs = { list: [nested(MAX_VALUE_DEPTH * 2)], name: 0 };
    const outputs = { a: inputs.list };
    expect(evaluated("${inputs.list[0]}", { inputs })).toBe(inputs.list[0]);
    expect(evaluated("${inputs['list']}", { inputs })).toBe(inputs.list);
    expect(evaluated("${steps.a.output[0]}", { outputs })).toBe(inputs.list[0]);
    expect(evaluated("${item[0]}", { variables: { item: inputs.list } })).toBe(inputs.list[0]);
    expect(failure("${[inputs.list][0]}", { inputs }).code).toBe("limit-exceeded");
    expect(evaluated("${{'a': timestamp(0)}.a}")).toBe("1970-01-01T00:00:00Z");
    expect(evaluated("${[timestamp(0)][0]}")).toBe("1970-01-01T00:00:00Z");
  });

  it("is refused where it is nothing that JSON has, whoever gave it", () => {
    const steps = () => (() => 1) as never;
    for (const source of [
      "${[steps.a.output]}",
      "${[1, steps.a.output]}",
      "${type(steps.a.output)}",
      "${-steps.a.output}",
    ])
      expect(template(source).evaluate({ inputs: {}, steps })).toMatchObject({
        ok: false,
        error: { code: "not-json" },
      });
  });

  it("is text beside text", () => {
    expect(evaluated("<${timestamp(0)} ${duration('90s')} ${7} ${'a'} ${-0.0} ${{}}>")).toBe(
      "<1970-01-01T00:00:00Z 90s 7 a 0 {}>",
    );
  });
});
