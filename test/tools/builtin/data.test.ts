import { writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRead } from "#src/tools/builtin/csv.ts";
import { jsonRead } from "#src/tools/builtin/json.ts";
import { textCount, textReplace, textWrap } from "#src/tools/builtin/text.ts";
import type { Tool } from "#src/tools/define.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

async function reading(tool: Tool, content: string, args: object = {}): Promise<unknown> {
  const root = await temporaryDirectory();
  await writeFile(path.join(root, "file"), content);
  return outputOf(tool, { path: "file", ...args }, { root });
}

describe("json.read", () => {
  it("answers with the value, a byte order mark or not", async () => {
    expect(await reading(jsonRead, '\uFEFF{"a":[1,null]}')).toEqual({ a: [1, null] });
  });

  it.each([
    ["", { "a/b": [{ "~": 5 }] }],
    ["/a~1b/0/~0", 5],
  ])("follows the pointer %j", async (pointer, value) => {
    expect(await reading(jsonRead, '{"a/b":[{"~":5}]}', { pointer })).toEqual(value);
  });

  it.each([["/b"], ["/a/1"], ["/a/-"], ["/a/00"], ["/constructor"], ["/a/length"]])(
    "finds nothing at %s",
    async (pointer) => {
      await expect(reading(jsonRead, '{"a":[0]}', { pointer })).rejects.toThrow("not-found pointer-not-found");
    },
  );

  it("names file and place of what is no JSON", async () => {
    await expect(reading(jsonRead, '{"a":')).rejects.toThrow(/validation not-json: file: is not JSON/);
  });
});

describe("csv.read", () => {
  it("names fields by the first row and leaves them text", async () => {
    expect(await reading(csvRead, '\uFEFFid,name\r\n01,"a ""b"", c\nd"\r\n')).toEqual([
      { id: "01", name: 'a "b", c\nd' },
    ]);
  });

  it("takes names and delimiter as arguments", async () => {
    const rows = await reading(csvRead, "1;2\n", { columns: ["a", "b"], delimiter: ";" });
    expect(rows).toEqual([{ a: "1", b: "2" }]);
    expect(await reading(csvRead, "")).toEqual([]);
  });

  it.each([
    ["a,b\n1\n", "row 1 has 1 fields, not 2"],
    ["a,a\n1,2\n", 'two columns are named "a"'],
    ["__proto__,a\n1,2\n", "a column cannot be named __proto__"],
    ['a\n"open\n', "Quote"],
  ])("refuses %j", async (content, message) => {
    await expect(reading(csvRead, content)).rejects.toThrow(/^validation bad-csv/);
    await expect(reading(csvRead, content)).rejects.toThrow(message);
  });
});

describe("text.wrap", () => {
  it("breaks between words and keeps line ends, lead and long words", async () => {
    const text = "  one two three\n\nverylongword a b";
    expect(await outputOf(textWrap, { text, width: 9, indent: ". " })).toBe(
      "  one two\n. three\n\nverylongword\n. a b",
    );
  });

  it("changes nothing but white space, and no line with two words is too long", async () => {
    const word = fc.stringMatching(/^[a-zäö😀]{1,6}$/u);
    await fc.assert(
      fc.asyncProperty(fc.array(word), fc.integer({ min: 1, max: 20 }), async (words, width) => {
        const wrapped = (await outputOf(textWrap, { text: words.join(" "), width })) as string;
        expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(words);
        for (const line of wrapped.split("\n")) {
          if (line.includes(" ")) expect(Array.from(line).length).toBeLessThanOrEqual(width);
        }
      }),
    );
  });
});

describe("text.replace", () => {
  it.each([
    [{ text: "a.b.c", find: ".", replacement: "$1-" }, "a$1-b$1-c"],
    [{ text: "2026-01", find: "(\\d+)-(\\d+)", replacement: "$2/$1 $$ $& $7", match: "pattern" }, "01/2026 $ 2026-01 "],
    [{ text: "abc", find: "x*", replacement: "-", match: "pattern" }, "-a-b-c-"],
    [{ text: "none", find: "z", replacement: "y" }, "none"],
  ])("turns %j into %j", async (args, expected) => {
    expect(await outputOf(textReplace, args)).toBe(expected);
  });

  it("refuses a pattern that RE2 does not know, naming it", async () => {
    const attempt = outputOf(textReplace, { text: "a", find: "(?<=a", replacement: "", match: "pattern" });
    await expect(attempt).rejects.toThrow(/^validation bad-pattern: pattern "\(\?<=a"/);
  });

  it("takes linear time for a pattern that makes others explode", async () => {
    const args = { text: `${"a".repeat(5000)}!`, find: "^(a+)+$", replacement: "", match: "pattern" };
    expect(await outputOf(textReplace, args)).toHaveLength(5001);
  });

  it("refuses a result that grows beyond the limit before it is built", async () => {
    const args = { text: "a".repeat(1_000_000), find: "a", replacement: "b".repeat(1_000_000) };
    await expect(outputOf(textReplace, args)).rejects.toThrow("resource-exhausted text-too-long");
  });
});

describe("text.count", () => {
  it.each([
    [{ text: "" }, { lines: 0, words: 0, characters: 0, bytes: 0, matches: 0 }],
    [{ text: "ä b\n😀" }, { lines: 2, words: 3, characters: 5, bytes: 9, matches: 0 }],
    [
      { text: "aXbXc\n", find: "X" },
      { lines: 1, words: 1, characters: 6, bytes: 6, matches: 2 },
    ],
    [
      { text: "a1b22", find: "\\d+", match: "pattern" },
      { lines: 1, words: 1, characters: 5, bytes: 5, matches: 2 },
    ],
  ])("counts %j", async (args, counts) => {
    expect(await outputOf(textCount, args)).toEqual(counts);
  });
});
