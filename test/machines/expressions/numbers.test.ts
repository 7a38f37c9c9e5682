import { describe, expect, it } from "vitest";
import { evaluated, failure } from "./evaluated.ts";

const inputs = { n: 7, half: 0.5, list: ["a", "b", "c"], one: 1 };

describe("a number", () => {
  it.each([
    ["inputs.n + 1", 8],
    ["1 - inputs.n", -6],
    ["inputs.n * 2", 14],
    ["inputs.n / 2", 3.5],
    ["7 / 2", 3],
    ["-7 / 2", -3],
    ["7 / 2.0", 3.5],
    ["inputs.n % 4", 3],
    ["7 % 4", 3],
    ["size(inputs.list) * 0.5", 1.5],
    ["inputs.list[inputs.one]", "b"],
    ["-inputs.half", -0.5],
    ["1 == 1.0", true],
    ["inputs.n == 7", true],
    ["7 != inputs.n", false],
    ["1 < 1.5 && 2.5 >= 2", true],
    ["inputs.n in [7]", true],
    ["[1, 2] == [1.0, 2.0]", true],
    ["9007199254740993 == 9007199254740992.0", false],
    ["0.0 * -1.0", 0],
  ])("%s gives %s", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toBe(value);
  });

  it("leaves exactly or not at all", () => {
    expect(evaluated("${9007199254740991}")).toBe(Number.MAX_SAFE_INTEGER);
    expect(failure("${9007199254740991 + 1}").code).toBe("integer-overflow");
    expect(failure("${[[9007199254740993]]}").code).toBe("integer-overflow");
    expect(failure("${9223372036854775807 + 1}").code).toBe("integer-overflow");
    expect(failure("${{'a': 0.0 / 0.0}}").code).toBe("not-finite");
  });

  it("is no index with a fraction", () => {
    expect(failure("${inputs.list[inputs.half]}", { inputs }).code).toBe("type-mismatch");
  });
});
