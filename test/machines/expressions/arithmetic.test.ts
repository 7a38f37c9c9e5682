import { describe, expect, it } from "vitest";
import { evaluated, failure } from "./evaluated.ts";

const inputs = { n: 7, half: 0.5 };
const MIN_INT = "(-9223372036854775807 - 1)";

describe("arithmetic", () => {
  it.each([
    ["timestamp(10) + duration('5s')", "1970-01-01T00:00:15Z"],
    ["duration('5s') + timestamp(10)", "1970-01-01T00:00:15Z"],
    ["timestamp(10) - duration('5s')", "1970-01-01T00:00:05Z"],
    ["timestamp(10) + duration('1.5ms')", "1970-01-01T00:00:10.001Z"],
    ["timestamp(10) - timestamp(4)", "6s"],
    ["duration('5s') + duration('2s')", "7s"],
    ["duration('5s') - duration('2s')", "3s"],
    ["-duration('5s')", "-5s"],
  ])("adds and subtracts times: %s is %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toBe(value);
  });

  it.each([
    ["-7 % 3", -1],
    ["7 % -3", 1],
    ["-7 / 2 * 2", -6],
    ["5.5 % 2", 1.5],
    ["inputs.n % 4.5", 2.5],
    ["inputs.n * 3 - 1", 20],
    ["inputs.half - 2", -1.5],
    ["inputs.half / 2", 0.25],
    ["inputs.half * 3", 1.5],
    ["3 * inputs.half", 1.5],
    ["-3 + 5 * 2", 7],
    ["'a' + 'b' + ''", "ab"],
    ["[1] + ['a'] + []", [1, "a"]],
    [`string(${MIN_INT})`, "-9223372036854775808"],
    ["string(9223372036854775807)", "9223372036854775807"],
    ["string(-9223372036854775807)", "-9223372036854775807"],
  ])("%s is %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["7 % 0", "division-by-zero"],
    ["7 / 0", "division-by-zero"],
    ["inputs.n / 0", "not-finite"],
    [`type(${MIN_INT} - 1)`, "integer-overflow"],
    ["type(9223372036854775807 + 1)", "integer-overflow"],
    ["type(9223372036854775807 + 2)", "integer-overflow"],
    [`-${MIN_INT}`, "integer-overflow"],
    [`${MIN_INT} / -1`, "integer-overflow"],
    ["9223372036854775807 * 2", "integer-overflow"],
    ["timestamp(253402300799) + duration('1s')", "invalid-argument"],
    ["timestamp(-62135596800) - duration('1ms')", "invalid-argument"],
    ["dyn(timestamp(0)) + timestamp(0)", "type-mismatch"],
    ["dyn(duration('1s')) - timestamp(0)", "type-mismatch"],
    ["dyn(duration('1s')) * 2", "type-mismatch"],
    ["dyn(timestamp(0)) * timestamp(0)", "type-mismatch"],
    ["dyn(timestamp(0)) / timestamp(0)", "type-mismatch"],
    ["dyn(duration('1s')) % duration('1s')", "type-mismatch"],
    ["dyn('a') - 'b'", "type-mismatch"],
    ["dyn('a') * 'b'", "type-mismatch"],
    ["dyn([1]) - [1]", "type-mismatch"],
    ["dyn([1]) + 1", "type-mismatch"],
    ["dyn(1) + [1]", "type-mismatch"],
    ["dyn(1) + 'a'", "type-mismatch"],
    ["dyn(null) + null", "type-mismatch"],
    ["dyn({}) + {}", "type-mismatch"],
    ["dyn(true) + 1", "type-mismatch"],
    ["-dyn('a')", "type-mismatch"],
    ["-dyn(timestamp(0))", "type-mismatch"],
    ["-dyn(null)", "type-mismatch"],
  ])("%s fails with %s", (expression, code) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe(code);
  });

  it("divides alike by a zero of data before and after it was stored, which keeps no sign", () => {
    const stored = (value: number) => JSON.parse(JSON.stringify(value)) as number;
    for (const zero of [-0, stored(-0)])
      expect(evaluated("${[1.0 / inputs.zero > 0, -1.0 / inputs.zero > 0]}", { inputs: { zero } })).toEqual([
        true,
        false,
      ]);
  });

  it("says which operator met which kinds", () => {
    expect(failure("${dyn(1) + 'a'}").message).toContain("there is no int + string");
    expect(failure("${dyn({}) % 1.5}").message).toContain("there is no map % double");
    expect(failure("${-dyn([])}").message).toContain("there is no - list");
  });
});
