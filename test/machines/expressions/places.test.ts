import { describe, expect, it } from "vitest";
import { findingAt } from "#machines/expressions/finding.ts";
import * as limits from "#machines/expressions/limits.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";

describe("the nearest name", () => {
  it.each([
    ["since", ["until", "since"], "since"],
    ["sinse", ["until", "since"], "since"],
    ["SINCE", ["until", "since"], "since"],
    ["sicne", ["since"], "since"],
    ["snce", ["since"], "since"],
    ["ssince", ["since"], "since"],
    ["sin", ["since"], undefined],
    ["ab", ["ac"], "ac"],
    ["ab", ["cd"], undefined],
    ["ab", ["ba"], "ba"],
    ["ba", ["ac"], undefined],
    ["ab", ["ca"], undefined],
    ["a", ["b", "A"], "A"],
    ["a", ["b", "ab"], undefined],
    ["abcdef", ["abcdxy"], "abcdxy"],
    ["abcdef", ["abcxyz"], undefined],
    ["abcde", ["abcxy"], undefined],
    ["abcdef", ["abcdxy", "abcdex", "abcdfe"], "abcdex"],
    ["abcdef", ["abcdex", "abcdey"], "abcdex"],
    ["abcdef", ["abcdex", "abcdef", "abcdef"], "abcdef"],
    ["badcfe", ["abcdef"], undefined],
    ["badcef", ["abcdef"], "abcdef"],
    ["acb", ["abc"], "abc"],
    ["cba", ["abc"], undefined],
    ["abxc", ["abc"], "abc"],
    ["", ["a"], "a"],
    ["", [], undefined],
  ])("to %s of %j is %j", (name, candidates, nearest) => {
    expect(nearestName(name, candidates)).toBe(nearest);
  });

  it("is looked for to a name of 64 characters and to none above", () => {
    expect(nearestName("a".repeat(64), ["a".repeat(64)])).toBe("a".repeat(64));
    expect(nearestName("a".repeat(65), ["a".repeat(65)])).toBeUndefined();
  });
});

describe("the place of a finding", () => {
  const at = (text: string, [start, end]: [number, number], offset = 0) =>
    findingAt({ code: "c", message: "m", start, end }, { path: ["a", 1], text, offset });

  it("is counted in the string, and marked below its line", () => {
    expect(at("x ${abc}", [1, 3], 4)).toEqual({
      code: "c",
      message: "m",
      path: ["a", 1],
      offset: 5,
      length: 2,
      caret: "x ${abc}\n     ^^",
    });
    expect(
      findingAt({ code: "c", message: "m", start: 0, end: 1, suggestion: "s" }, { path: [], text: "a", offset: 0 })
        .suggestion,
    ).toBe("s");
  });

  it.each<[string, [number, number], string]>([
    ["one\ntwo\nthree", [0, 3], "one\n^^^"],
    ["one\ntwo\nthree", [4, 5], "two\n^"],
    ["one\ntwo\nthree", [8, 13], "three\n^^^^^"],
    ["one\ntwo\nthree", [5, 12], "two\n ^^"],
    ["one\n\nthree", [4, 4], "\n^"],
    ["\none", [0, 0], "\n^"],
    ["one", [3, 3], "one\n   ^"],
    ["a\tb\r\nc", [2, 3], "a b \n  ^"],
    ["", [0, 0], "\n^"],
  ])("in %j at %j is marked as %j", (text, place, caret) => {
    expect(at(text, place).caret).toBe(caret);
  });

  it("is shown with at most 50 characters before it and 100 in all", () => {
    const text = `${"a".repeat(60)}b${"c".repeat(200)}`;
    expect(at(text, [60, 61]).caret).toBe(`${"a".repeat(50)}b${"c".repeat(49)}\n${" ".repeat(50)}^`);
    expect(at(text, [60, 200]).caret).toBe(`${"a".repeat(50)}b${"c".repeat(49)}\n${" ".repeat(50)}${"^".repeat(50)}`);
    expect(at(text, [50, 51]).caret.startsWith(`${"a".repeat(60)}b`)).toBe(true);
  });
});

describe("a string with expressions", () => {
  const partsOf = (source: string) => {
    const split = splitTemplate(source);
    return split.ok ? split.parts : split.remark;
  };
  const text = (one: string) => ({ kind: "text", text: one });
  const expression = (one: string, offset: number) => ({
    kind: "expression",
    text: one,
    offset,
  });

  it.each([
    ["", []],
    ["$", [text("$")]],
    ["a $ b", [text("a $ b")]],
    ["$$", [text("$$")]],
    ["$${a}", [text("${a}")]],
    ["$$${a}", [text("$${a}")]],
    ["${a}", [expression("a", 2)]],
    ["${}", [expression("", 2)]],
    ["${a}${b}", [expression("a", 2), expression("b", 6)]],
    ["x${a}y", [text("x"), expression("a", 3), text("y")]],
    ["${ {'a': {}} }.", [expression(" {'a': {}} ", 2), text(".")]],
    ["${'}'}", [expression("'}'", 2)]],
    ['${"}"}', [expression('"}"', 2)]],
    ["${'\\'}'}", [expression("'\\'}'", 2)]],
    ["${'a\\\\'}'}", [expression("'a\\\\'", 2), text("'}")]],
    ["${'''a'}'''}", [expression("'''a'}'''", 2)]],
    ['${"""a"}"""}', [expression('"""a"}"""', 2)]],
    ["${''}'", [expression("''", 2), text("'")]],
    ["${'\"}'}", [expression("'\"}'", 2)]],
    ["${a // }\n}", [expression("a // }\n", 2)]],
    ["${a / b}", [expression("a / b", 2)]],
    ["${a // '\n}", [expression("a // '\n", 2)]],
  ])("%j is %j", (source, parts) => {
    expect(partsOf(source)).toEqual(parts);
  });

  it.each([
    ["${a", [0, 2]],
    ["ab ${'}", [3, 5]],
    ["${'a}", [0, 2]],
    ["${{a}", [0, 2]],
    ["${'''}''}", [0, 2]],
    ["${a // }", [0, 2]],
    ["${'\\", [0, 2]],
    ["${a} ${", [5, 7]],
  ])("%j is not closed", (source, [start, end]) => {
    expect(partsOf(source)).toMatchObject({
      code: "unterminated-expression",
      start,
      end,
    });
  });

  it("holds an expression of as many characters as one may have", () => {
    const long = "x".repeat(limits.MAX_EXPRESSION_CHARS);
    expect(partsOf(`\${${long}}`)).toEqual([expression(long, 2)]);
    expect(partsOf(`\${${long}x}`)).toMatchObject({
      message: `no closing brace within ${limits.MAX_EXPRESSION_CHARS} characters`,
    });
  });

  it("is said to be too long where no brace is near, and else to be not closed", () => {
    const missing = "the closing brace of ${ is missing ($${ writes it as text)";
    expect(partsOf("${a")).toMatchObject({ message: missing });
    expect(partsOf(`${"-".repeat(limits.MAX_EXPRESSION_CHARS)}\${a`)).toMatchObject({ message: missing });
    const unclosed = "${'".padEnd(limits.MAX_EXPRESSION_CHARS, "x");
    expect(partsOf(unclosed)).toMatchObject({ message: missing });
    expect(partsOf(`${unclosed}x`)).toMatchObject({ message: expect.stringContaining("no closing brace within") });
  });

  it("holds as many expressions as it may have", () => {
    const many = "${1}".repeat(limits.MAX_EXPRESSIONS_PER_STRING);
    expect(partsOf(many)).toHaveLength(limits.MAX_EXPRESSIONS_PER_STRING);
    expect(partsOf(`${many} \${1}`)).toMatchObject({
      code: "too-many-expressions",
      start: many.length + 1,
      end: many.length + 3,
    });
  });

  it("holds as many characters as it may have", () => {
    const most = " ".repeat(limits.MAX_STRING_CHARS);
    expect(partsOf(most)).toHaveLength(1);
    expect(partsOf(`${most} `)).toMatchObject({ code: "string-too-long", start: 0, end: 1 });
  });
});
