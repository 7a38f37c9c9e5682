import { describe, expect, it } from "vitest";
import type { JsonObject } from "#events/json.ts";
import { parseExpression } from "#machines/expressions/expression.ts";
import { MAX_TEXT_CHARS, MAX_WORK_UNITS } from "#machines/expressions/limits.ts";
import { evaluated, failure } from "./evaluated.ts";

// What an evaluation costs is law: with other costs a history would end another way when it is replayed.

const inputs = {
  t8: "12345678",
  t16: "1234567812345678",
  face: "1234😀67",
  n: [3, 1, 2, 5],
  texts: ["a", "bb", "ccc"],
  m: { a: 1, b: 2 },
  deep: [[1, 2], [3]],
  none: [],
} satisfies JsonObject;

const CALL = 20;
/** A text that is read or made. */
const chars = (count: number): number => 1 + count / 8;
/** A list that is read or made. */
const elements = (count: number): number => 1 + count;

function unitsOf(text: string): number {
  const result = parseExpression(text);
  if (!result.ok) throw new Error(result.remarks[0]?.message);
  const frame = {
    values: { inputs, steps: () => undefined },
    locals: [],
    unitsLeft: MAX_WORK_UNITS,
  };
  result.compiled.evaluate(frame);
  return MAX_WORK_UNITS - frame.unitsLeft;
}

describe("the work of an expression", () => {
  it.each([
    ["1", 1],
    ["1 + 2", 3],
    ["!true", 2],
    ["-inputs.n[0]", 5],
    ["true ? 1 : 2", 4],
    ["true || false", 3],
    ["[1, 2]", 3],
    ["{'a': 1}", 3],
    ["has(inputs.n)", 2],
    ["inputs.m['a'] * 2", 6],
    ["inputs.t8 + inputs.t8", 5 + chars(16)],
    ["inputs.n + inputs.texts", 5 + elements(7)],
    ["1 == 2", 3 + 1],
    ["inputs.t8 == inputs.t8", 5 + 1 + chars(8)],
    ["inputs.t8 == inputs.t16", 5 + 1],
    ["inputs.t8 < inputs.t16", 5 + chars(8)],
    ["1 < 2", 3],
    ["inputs.n == [3, 1]", 6 + 1],
    ["[1, 2] == [1, 3]", 7 + 1 + 2],
    ["inputs.m == {'a': 1, 'b': 3}", 8 + 1 + 2 + 2],
    ["inputs.n == inputs.n", 5 + 1],
    ["{'a': 1} == {'b': 1}", 7 + 1 + 1],
    ["dyn('a') == ['a']", 2 + CALL + 2 + 1 + 1],
    ["2 in inputs.n", 4 + 1 + 3],
    ["'a' in inputs.m", 4],
    ["inputs.t8.matches('^1')", 3 + 1 + (8 * 4) / 2],
  ])("%s costs %d for its nodes and what its operators read", (expression, units) => {
    expect(unitsOf(expression)).toBeCloseTo(units, 6);
  });

  it.each([
    ["inputs.n.map(x, x)", 4 + elements(4) + 4 * 1],
    ["inputs.n.map(x, x > 1, x + 1)", 9 + elements(4) + 4 * 6],
    ["inputs.n.filter(x, x > 1)", 6 + elements(4) + 4 * 3],
    ["inputs.n.exists_one(x, x > 1)", 6 + elements(4) + 4 * 3],
    ["inputs.n.all(x, x > 2)", 6 + elements(4) + 2 * 3],
    ["inputs.n.exists(x, x > 4)", 6 + elements(4) + 4 * 3],
    ["inputs.n.reduce(sum, x, 0, sum + x)", 7 + elements(4) + 4 * 3],
    ["inputs.none.reduce(sum, x, 0, sum + x)", 7 + elements(0)],
    ["inputs.m.map(key, 1)", 4 + elements(2) + 2 * 1],
    ["inputs.none.map(x, x)", 4 + elements(0)],
    ["[3, 4].exists(x, 1 / (x - 3) == 1)", 11 + elements(2) + 2 * 7 + 200 + 1],
  ])("%s pays for the whole body at every element", (expression, units) => {
    expect(unitsOf(expression)).toBeCloseTo(units, 6);
  });

  const text = 3 + CALL;
  it.each([
    ["inputs.t8.size()", text + chars(8)],
    ["inputs.face.size()", text + chars(8) + 8 / 4],
    ["inputs.t8.lower()", text + chars(8)],
    ["inputs.t8.trim()", text + chars(8)],
    ["inputs.t8.contains('34')", text + 1 + chars(10)],
    ["inputs.t8.startsWith('34')", text + 1 + chars(10)],
    ["inputs.t8.indexOf('1')", text + 1 + chars(8) + 1],
    ["inputs.t8.indexOf('none')", text + 1 + chars(8) + 4],
    ["inputs.t8.indexOf('5')", text + 1 + chars(8) + 1 + chars(4)],
    ["inputs.face.lastIndexOf('6')", text + 1 + chars(8) + 1 + chars(6) + 6 / 4],
    ["inputs.t8.substring(1)", text + 1 + chars(8)],
    ["inputs.face.substring(1, 2)", text + 2 + chars(8) + 8],
    ["inputs.t8.split('4')", text + 1 + chars(9) + elements(2)],
    ["inputs.t8.split('')", text + 1 + chars(8) + elements(8) + elements(8)],
    ["inputs.t8.split('4', 1)", text + 2 + chars(9) + elements(2)],
    ["inputs.t8.replace('4', 'ab')", text + 2 + chars(9) + elements(2) + elements(2) + chars(9)],
    ["inputs.texts.join()", text + elements(3) + chars(6)],
    ["inputs.texts.join('--')", text + 1 + elements(3) + chars(10)],
    ["inputs.none.join('--')", text + 1 + elements(0) + chars(0)],
    ["json(inputs.t8)", text + chars(8) + chars(10)],
    ["json(inputs.texts)", text + 1 + 3 * 4 + chars(1) + chars(2) + chars(3) + chars(16)],
    ["json(inputs.n)", 3 + CALL + (1 + 4 * 4) + chars(9)],
    ["json([true, false])", 4 + CALL + (1 + 2 * 4) + chars(12)],
    ["json([1, [2]])", 5 + CALL + (1 + 2 * 4) + 4 * 4 + chars(7)],
    ["parseJson('[1,2]')", 2 + CALL + 5],
    ["base64(inputs.t8)", text + 8 * 4],
    ["base64Decode('YQ==')", 2 + CALL + 4 * 4],
  ])("%s pays for the text that it reads and makes", (expression, units) => {
    expect(unitsOf(expression)).toBeCloseTo(units, 6);
  });

  const list = 3 + CALL;
  it.each([
    ["inputs.n.size()", list],
    ["inputs.m.size()", list + elements(2)],
    ["inputs.n.sum()", list + elements(4)],
    ["inputs.n.min()", list + elements(4)],
    ["inputs.texts.max()", list + elements(3) + chars(1) + chars(1) + chars(2)],
    ["max(1, 2)", 3 + CALL + elements(2)],
    ["inputs.n.sort()", list + elements(4) + 4 * Math.log2(5)],
    ["inputs.n.distinct()", list + elements(4) + 4 * 2],
    ["inputs.texts.distinct()", list + elements(3) + 3 * 2 + chars(3) + chars(4) + chars(5)],
    ["inputs.deep.distinct()", list + elements(2) + 5 * 2],
    ["[inputs.m].distinct()", 4 + CALL + elements(1) + 3 * 2 + 2],
    ["inputs.n.reverse()", list + elements(4)],
    ["inputs.deep.flatten()", list + elements(3)],
    ["inputs.n.flatten()", list + elements(4)],
    ["inputs.n.first()", list],
    ["inputs.n.slice(1, 3)", list + 2 + elements(2)],
    ["inputs.n.slice(2, 99)", list + 2 + elements(2)],
    ["inputs.n.slice(9, 99)", list + 2 + elements(0)],
    ["inputs.n.contains(2)", list + 1 + 1 + 3],
    ["inputs.m.keys()", list + elements(2)],
    ["inputs.m.values()", list + elements(2)],
    ["get(inputs.m, 'a', 1)", list + 2],
    ["inputs.m.merge(inputs.m)", list + 2 + elements(4) + 2],
    ["[inputs.m, inputs.m].merge()", list + 3 + elements(4) + 2],
    ["inputs.n.concat(inputs.texts)", list + 2 + elements(7)],
    ["inputs.deep.concat()", list + 2 + elements(3)],
    ["inputs.texts.concat()", list + 3 + chars(6)],
    ["[inputs.m].table(['a'])", list + 3 + elements(1) + 1 * 2],
    ["[inputs.m].table()", list + 1 + elements(1) + elements(2) + elements(1) + 2 * 2],
    ["int('1')", 2 + CALL],
    ["timestamp(0).getHours()", 3 + 2 * CALL],
  ])("%s pays for the elements that it reads and makes", (expression, units) => {
    expect(unitsOf(expression)).toBeCloseTo(units, 6);
  });

  it("may be all that there is, and not a unit more", () => {
    const cost = unitsOf("inputs.n.map(x, x)");
    const result = parseExpression("inputs.n.map(x, x)");
    const run = (unitsLeft: number) =>
      result.ok &&
      result.compiled.evaluate({
        values: { inputs, steps: () => undefined },
        locals: [],
        unitsLeft,
      });
    expect(run(cost)).toEqual(inputs.n);
    expect(() => run(cost - 1)).toThrow(`needs more than ${MAX_WORK_UNITS} units`);
  });

  it("makes texts of as many characters as there may be", () => {
    const half = {
      half: "a".repeat(MAX_TEXT_CHARS / 2),
      more: "a".repeat(MAX_TEXT_CHARS / 2 + 1),
    };
    expect(evaluated("${size(inputs.half + inputs.half)}", { inputs: half })).toBe(MAX_TEXT_CHARS);
    expect(failure("${size(inputs.half + inputs.more)}", { inputs: half })).toMatchObject({
      code: "limit-exceeded",
      message: `a text of ${MAX_TEXT_CHARS + 1} characters is above the limit of ${MAX_TEXT_CHARS} (in size(inputs.half + inputs.more))`,
    });
    expect(failure("${inputs.half}${inputs.more}", { inputs: half }).code).toBe("limit-exceeded");
  });
});
