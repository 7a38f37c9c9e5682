import { describe, expect, it } from "vitest";
import { checked, evaluated, failure } from "../evaluated.ts";

const inputs = {
  digits: `${"0".repeat(60)}12.5`,
  tooLong: `${"0".repeat(61)}12.5`,
};

describe("a conversion", () => {
  it.each([
    ["int(7)", 7],
    ["int(-2.9)", -2],
    ["int('+5')", 5],
    ["int('-5')", -5],
    ["int('0012')", 12],
    ["string(int('9223372036854775807'))", "9223372036854775807"],
    ["int(timestamp('1969-12-31T23:59:59.500Z'))", -1],
    ["type(int(2.0))", "int"],
    ["type(double(7))", "double"],
    ["double('1.')", 1],
    ["double('.5')", 0.5],
    ["double('-1.5e3')", -1500],
    ["double('+2E-1')", 0.2],
    ["double('1e+2')", 100],
    ["double('12')", 12],
    ["double('.25')", 0.25],
    ["double('1e10')", 10_000_000_000],
    ["abs(-1e300)", 1e300],
    ["double(inputs.digits)", 12.5],
    ["string(false)", "false"],
    ["string(7)", "7"],
    ["string(-0.5)", "-0.5"],
    ["string(duration('-1500ms'))", "-1.5s"],
    ["bool(false)", false],
    ["bool('false')", false],
    ["bool('true')", true],
    ["dyn([1])", [1]],
    ["abs(3)", 3],
    ["abs(-1.5)", 1.5],
    ["abs(0)", 0],
    ["type(abs(-3)) + type(abs(-1.5))", "intdouble"],
    ["round(2.4)", 2],
    ["round(-2.6)", -3],
    ["floor(-2.5)", -3],
    ["floor(3)", 3],
    ["ceil(-2.1)", -2],
    ["ceil(2.0)", 2],
    ["type(round(1.5)) + type(floor(1.5)) + type(ceil(1.5))", "intintint"],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["null", "null"],
    ["true", "bool"],
    ["1", "int"],
    ["1.0", "double"],
    ["'a'", "string"],
    ["timestamp(0)", "timestamp"],
    ["duration('1s')", "duration"],
    ["[]", "list"],
    ["{}", "map"],
  ])("names the kind of %s", (expression, kind) => {
    expect(evaluated(`\${type(${expression})}`)).toBe(kind);
  });

  it.each([
    ["int('')", "invalid-argument"],
    ["int('x5')", "invalid-argument"],
    ["int('5x')", "invalid-argument"],
    ["int('5.0')", "invalid-argument"],
    ["int('12345678901234567890')", "invalid-argument"],
    ["int('9223372036854775808')", "integer-overflow"],
    ["int(1.0 / 0.0)", "invalid-argument"],
    ["int(1e19)", "integer-overflow"],
    ["round(0.0 / 0.0)", "invalid-argument"],
    ["double('')", "invalid-argument"],
    ["double('.')", "invalid-argument"],
    ["double('x1')", "invalid-argument"],
    ["double('1x')", "invalid-argument"],
    ["double('1e')", "invalid-argument"],
    ["double('1.e.5')", "invalid-argument"],
    ["double('1e999')", "invalid-argument"],
    ["double('Infinity')", "invalid-argument"],
    ["double(inputs.tooLong)", "invalid-argument"],
    ["bool('True')", "invalid-argument"],
    ["bool('')", "invalid-argument"],
    ["bool(dyn(1))", "type-mismatch"],
    ["string(dyn(null))", "type-mismatch"],
    ["string(dyn([1]))", "type-mismatch"],
    ["abs(dyn('a'))", "type-mismatch"],
    ["abs(-9223372036854775807 - 1)", "integer-overflow"],
  ])("%s fails with %s and loses nothing in silence", (expression, code) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe(code);
  });

  const integer = { type: "integer" };
  const string = { type: "string" };
  it.each([
    ["int('1')", integer],
    ["int(1.5)", integer],
    ["int(timestamp(0))", integer],
    ["double('1')", { type: "number" }],
    ["double(1)", { type: "number" }],
    ["string('a')", string],
    ["string(1)", string],
    ["bool('true')", { type: "boolean" }],
    ["bool(true)", { type: "boolean" }],
    ["dyn(1)", {}],
    ["type(1)", string],
    ["abs(1)", integer],
    ["abs(1.5)", { type: "number" }],
    ["round(1.5)", integer],
  ])("has a type: %s is %j", (expression, type) => {
    const result = checked(`\${${expression}}`, {});
    expect(result.ok ? result.template.type : result.findings).toEqual(type);
  });
});
