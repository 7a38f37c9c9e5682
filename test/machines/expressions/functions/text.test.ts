import { describe, expect, it } from "vitest";
import { MAX_LIST_ELEMENTS } from "#machines/expressions/limits.ts";
import { checked, evaluated, failure } from "../evaluated.ts";

const inputs = {
  face: "a😀b",
  long: "x".repeat(600_000),
  lines: `${"a,".repeat(MAX_LIST_ELEMENTS - 1)}a`,
};

describe("a function of text", () => {
  it.each([
    ["inputs.face.size()", 3],
    ["'\\uffff\\uffff😀'.size()", 3],
    ["''.size()", 0],
    ["inputs.face.indexOf('b')", 2],
    ["inputs.face.indexOf('a')", 0],
    ["inputs.face.lastIndexOf('b')", 2],
    ["inputs.face.indexOf('none')", -1],
    ["inputs.face.lastIndexOf('none')", -1],
    ["inputs.face.substring(2)", "b"],
    ["inputs.face.substring(1, 2)", "😀"],
    ["inputs.face.substring(0, 3)", "a😀b"],
    ["inputs.face.substring(3)", ""],
    ["inputs.face.substring(1, 1)", ""],
    ["inputs.face.split('')", ["a", "😀", "b"]],
    ["inputs.face.replace('😀', '')", "ab"],
    ["'ab'.substring(0)", "ab"],
    ["'ab'.substring(2)", ""],
  ])("counts characters and cuts none in two: %s", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["'a'.contains('b')", false],
    ["'ab'.contains('')", true],
    ["'ab'.startsWith('b')", false],
    ["'ab'.endsWith('b')", true],
    ["'ab'.startsWith('ab') && 'ab'.endsWith('')", true],
    ["'ÄB'.lower()", "äb"],
    ["'äß'.upper()", "ÄSS"],
    ["' \\t a b\\n'.trim()", "a b"],
    ["'ab'.replace('', '-')", "a-b"],
    ["'aaa'.replace('aa', 'b')", "ba"],
    ["'abc'.replace('x', 'b')", "abc"],
    ["''.split(',')", [""]],
    ["''.split('')", []],
    ["',a,,b,'.split(',')", ["", "a", "", "b", ""]],
    ["'a,b,c'.split(',', 0)", []],
    ["'a,b,c'.split(',', 1)", ["a,b,c"]],
    ["'a, b, c'.split(', ', 2)", ["a", "b, c"]],
    ["'a,b,c'.split(',', 3)", ["a", "b", "c"]],
    ["'a,b,c'.split(',', 4)", ["a", "b", "c"]],
    ["'a,b,c'.split(',', -1)", ["a", "b", "c"]],
    ["'abc'.split('', 2)", ["a", "bc"]],
    ["[].join()", ""],
    ["[].join(', ')", ""],
    ["['a'].join(', ')", "a"],
    ["['a', '', 'b'].join('--')", "a----b"],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toEqual(value);
  });

  it.each([
    ["json('a\"')", '"a\\""'],
    ["json(null)", "null"],
    ["json([1.5, true, {'b': timestamp(0)}])", '[1.5,true,{"b":"1970-01-01T00:00:00Z"}]'],
    ["parseJson(' {\"a\": [1.5, null, true]} ')", { a: [1.5, null, true] }],
    ["parseJson(json({'a': 'ü'})).a", "ü"],
    ["base64('')", ""],
    ["base64('ÿ€😀')", "w7/igqzwn5iA"],
    ["base64Decode('w7/igqzwn5iA')", "ÿ€😀"],
    ["base64Decode(base64('\\ufeffa')).size()", 2],
  ])("%s writes and reads JSON and base64 without a loss", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toEqual(value);
  });

  it.each([
    ["'abc'.substring(-1)", "substring: -1 to 3 is outside a text of 3 characters"],
    ["'abc'.substring(4)", "substring: 4 to 3 is outside a text of 3 characters"],
    ["'abc'.substring(0, 4)", "substring: 0 to 4 is outside a text of 3 characters"],
    ["'abc'.substring(2, 1)", "substring: 2 to 1 is outside a text of 3 characters"],
    ["'a😀'.substring(0, 3)", "substring: 0 to 3 is outside a text of 2 characters"],
    ["['a', dyn(null)].join()", "join: the list must have only strings"],
    ["base64Decode('****')", "base64Decode: not the base64 of UTF-8 text"],
    ["base64Decode('gA==')", "base64Decode: not the base64 of UTF-8 text"],
    ["parseJson('')", "parseJson: "],
    ["parseJson('[1,]')", "parseJson: "],
  ])("%s is an invalid argument, not a guess", (expression, message) => {
    const error = failure(`\${${expression}}`);
    expect(error.code).toBe("invalid-argument");
    expect(error.message).toContain(message);
  });

  it.each([
    "dyn('a').contains(dyn(1))",
    "dyn('a').indexOf(dyn(null))",
    "'abc'.substring(0, dyn('1'))",
    "dyn(1).trim()",
  ])("%s is a mismatch of types", (expression) => {
    expect(failure(`\${${expression}}`).code).toBe("type-mismatch");
  });

  it("makes no text and no list above the limit, counted with the separators", () => {
    expect(evaluated("${[inputs.long, ''].join('').size()}", { inputs })).toBe(600_000);
    expect(failure("${['', '', ''].join(inputs.long)}", { inputs }).code).toBe("limit-exceeded");
    expect(failure("${[inputs.long, inputs.long].join('')}", { inputs }).code).toBe("limit-exceeded");
    expect(evaluated("${size(inputs.lines.split(','))}", { inputs })).toBe(MAX_LIST_ELEMENTS);
    expect(
      failure("${inputs.more.split(',')}", {
        inputs: { more: `${inputs.lines},a` },
      }).message,
    ).toContain(`a list of ${MAX_LIST_ELEMENTS + 1} is above the limit`);
  });
});

describe("the type of what a function of text gives", () => {
  const string = { type: "string" };
  it.each([
    ["'a'.size()", { type: "integer" }],
    ["'a'.upper()", string],
    ["'a'.contains('b')", { type: "boolean" }],
    ["'a'.lastIndexOf('b')", { type: "integer" }],
    ["'a'.substring(1)", string],
    ["'a'.substring(0, 1)", string],
    ["'a'.replace('b', 'c')", string],
    ["'a'.split('b')", { type: "array", items: string }],
    ["'a'.split('b', 2)", { type: "array", items: string }],
    ["['a'].join()", string],
    ["['a'].join('b')", string],
    ["json(1)", string],
    ["parseJson('1')", {}],
    ["base64('a')", string],
    ["base64Decode('a')", string],
  ])("of %s is %j", (expression, type) => {
    const result = checked(`\${${expression}}`, {});
    expect(result.ok ? result.template.type : result.findings).toEqual(type);
  });
});
