import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { MAX_VALUE_DEPTH } from "#machines/expressions/limits.ts";
import { evaluated, failure, nested } from "./evaluated.ts";

const NAN = "(0.0 / 0.0)";

describe("equality", () => {
  it.each([
    ["null", "null"],
    ["true", "true"],
    ["'a'", "'a'"],
    ["1", "1.0"],
    ["[1, [2]]", "[1.0, [2]]"],
    ["{'a': 1, 'b': [2]}", "{'b': [2.0], 'a': 1}"],
    ["{}", "{}"],
    ["timestamp(1)", "timestamp('1970-01-01T00:00:01Z')"],
    ["duration('60s')", "duration('1m')"],
  ])("holds between %s and %s", (left, right) => {
    expect(evaluated(`\${[dyn(${left}) == ${right}, dyn(${left}) != ${right}]}`)).toEqual([true, false]);
  });

  it.each([
    ["null", "false"],
    ["'a'", "null"],
    ["'a'", "['a']"],
    ["'a'", "true"],
    ["null", "0"],
    ["null", "{}"],
    ["false", "0"],
    ["'1'", "1"],
    ["'a'", "'b'"],
    ["'a'", "'ab'"],
    ["1", "2"],
    ["[]", "null"],
    ["[]", "{}"],
    ["{}", "[]"],
    ["[1]", "[1, 2]"],
    ["[1, 2]", "[1]"],
    ["[1, 2]", "[2, 1]"],
    ["[null]", "[]"],
    ["{'a': 1}", "{'a': 2}"],
    ["{'a': 1}", "{'b': 1}"],
    ["{'a': 1}", "{'a': 1, 'b': 1}"],
    ["{'a': 1, 'b': 1}", "{'a': 1}"],
    ["{'a': null}", "{'b': null}"],
    ["timestamp(0)", "duration('0s')"],
    ["timestamp(0)", "timestamp(1)"],
    ["duration('0s')", "0"],
    ["timestamp(0)", "{}"],
    ["{}", "timestamp(0)"],
    ["[]", "timestamp(0)"],
    [NAN, NAN],
  ])("does not hold between %s and %s", (left, right) => {
    expect(evaluated(`\${[dyn(${left}) == ${right}, dyn(${left}) != ${right}]}`)).toEqual([false, true]);
  });

  it("compares values nested as deep as a value may be, and none deeper", () => {
    const both = (levels: number) => ({
      inputs: { a: nested(levels), b: nested(levels) },
    });
    expect(evaluated("${inputs.a == inputs.b}", both(MAX_VALUE_DEPTH))).toBe(true);
    expect(failure("${inputs.a == inputs.b}", both(MAX_VALUE_DEPTH + 1)).code).toBe("limit-exceeded");
    expect(evaluated("${distinct([inputs.a, inputs.b]).size()}", both(MAX_VALUE_DEPTH))).toBe(1);
    expect(evaluated("${inputs.a == inputs.a}", both(1))).toBe(true);
    expect(failure("${distinct([inputs.a]).size()}", both(MAX_VALUE_DEPTH + 1)).code).toBe("limit-exceeded");
  });
});

describe("equality deep inside", () => {
  const inMaps = (levels: number, leaf: Json): Json => (levels === 0 ? leaf : { a: inMaps(levels - 1, leaf) });

  it.each<[Json, Json]>([
    [null, null],
    [null, true],
    [true, null],
    [true, true],
    [true, "a"],
    ["a", true],
    [true, []],
    [[], true],
    [null, {}],
    [{}, null],
    [1, true],
    [true, 1],
  ])("of %j and %j is told as well as anywhere", (a, b) => {
    const inputs = { a: nested(MAX_VALUE_DEPTH, a), b: nested(MAX_VALUE_DEPTH, b) };
    expect(evaluated("${inputs.a == inputs.b}", { inputs })).toBe(a === b);
  });

  it("is told through as many maps as a value may be deep, and no more", () => {
    const both = (levels: number) => ({ inputs: { a: inMaps(levels, 1), b: inMaps(levels, 1) } });
    expect(evaluated("${inputs.a == inputs.b}", both(MAX_VALUE_DEPTH))).toBe(true);
    expect(failure("${inputs.a == inputs.b}", both(MAX_VALUE_DEPTH + 1)).code).toBe("limit-exceeded");
    expect(evaluated("${distinct([inputs.a, inputs.b]).size()}", both(MAX_VALUE_DEPTH))).toBe(1);
    expect(failure("${distinct([inputs.a]).size()}", both(MAX_VALUE_DEPTH + 1)).code).toBe("limit-exceeded");
  });
});

describe("order", () => {
  it.each([
    ["1", "2"],
    ["1", "1.5"],
    ["-0.5", "0"],
    ["9007199254740992.0", "9007199254740993"],
    ["'B'", "'a'"],
    ["'a'", "'aa'"],
    ["false", "true"],
    ["timestamp(0)", "timestamp(1)"],
    ["duration('-1s')", "duration('1ms')"],
  ])("puts %s before %s", (less, more) => {
    const source = `\${[${less} < ${more}, ${less} <= ${more}, ${less} > ${more}, ${less} >= ${more}]}`;
    expect(evaluated(source)).toEqual([true, true, false, false]);
    const turned = `\${[${more} < ${less}, ${more} <= ${less}, ${more} > ${less}, ${more} >= ${less}]}`;
    expect(evaluated(turned)).toEqual([false, false, true, true]);
  });

  it.each([
    ["1", "1.0"],
    ["'a'", "'a'"],
    ["true", "true"],
    ["timestamp(1)", "timestamp(1)"],
    ["duration('60s')", "duration('1m')"],
  ])("has %s and %s at the same place", (a, b) => {
    expect(evaluated(`\${[${a} < ${b}, ${a} <= ${b}, ${a} > ${b}, ${a} >= ${b}]}`)).toEqual([false, true, false, true]);
  });

  it("has no place for NaN", () => {
    const source = `\${[${NAN} < 1, ${NAN} <= 1, ${NAN} > 1, ${NAN} >= 1, ${NAN} <= ${NAN}, ${NAN} in [${NAN}]]}`;
    expect(evaluated(source)).toEqual([false, false, false, false, false, false]);
  });

  it.each([
    ["null", "null"],
    ["[1]", "[2]"],
    ["{}", "{}"],
    ["1", "'a'"],
    ["'a'", "1"],
    ["true", "1"],
    ["1", "null"],
    ["null", "1"],
    ["[]", "1"],
    ["timestamp(0)", "duration('1s')"],
    ["timestamp(0)", "1"],
    ["duration('1s')", "'1s'"],
  ])("has no place for %s beside %s", (left, right) => {
    expect(failure(`\${dyn(${left}) < dyn(${right})}`).code).toBe("type-mismatch");
  });
});

describe("membership", () => {
  it.each([
    ["1 in [2, 1.0]", true],
    ["1 in []", false],
    ["[1] in [[1]]", true],
    ["'a' in {'a': null}", true],
    ["'b' in {'a': 'b'}", false],
    ["'toString' in {'a': 1}", false],
  ])("%s is %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toBe(value);
  });

  it.each(["dyn('a') in dyn('abc')", "dyn(1) in {'a': 1}", "1 in dyn(null)", "1 in dyn(timestamp(0))"])(
    "%s is a mismatch of types",
    (expression) => {
      expect(failure(`\${${expression}}`).code).toBe("type-mismatch");
    },
  );
});
