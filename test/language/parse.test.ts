import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonObject, type Json, type JsonObject } from "#events/json.ts";
import { MAX_PLAN_BYTES, parsePlan, type Parsed } from "#src/language/parse.ts";
import { MAX_ALIASES } from "#src/language/read-yaml.ts";
import { MAX_PLAN_DEPTH } from "#src/language/source-node.ts";
import { MAX_YAML_TOKENS } from "#src/language/yaml-document.ts";

function valueOf(text: string, file = "plan.yaml"): Json {
  const parsed = parsePlan(text, { file });
  if (!parsed.ok) throw new Error(parsed.findings.map(({ message }) => message).join("; "));
  return parsed.source.root.value;
}

function refusals(text: string, file = "plan.yaml"): readonly string[] {
  const parsed = parsePlan(text, { file });
  if (parsed.ok) return [];
  return parsed.findings.map(({ line, column, code, suggestion }) => {
    return `${line}:${column} ${code}${suggestion === undefined ? "" : ` -> ${suggestion}`}`;
  });
}

describe("a YAML source", () => {
  it("is read by the core schema of YAML 1.2", () => {
    const text = "a: yes\nb: 0x1F\nc: 2024-01-01\nd: 1.5e3\ne: ~\nf: 010\ng: true\n? h\n: [1]\n";
    expect(valueOf(text)).toEqual({ a: "yes", b: 31, c: "2024-01-01", d: 1500, e: null, f: 10, g: true, h: [1] });
  });

  it("shares an anchor's value with its aliases", () => {
    expect(valueOf("a: &x [1, 2]\nb: *x")).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it("may begin with a byte order mark", () => {
    expect(valueOf("\uFEFFa: 1")).toEqual({ a: 1 });
  });

  it("is JSON too, tabs and all", () => {
    expect(valueOf('{\n\t"a": [1,\n\t2]\n}')).toEqual({ a: [1, 2] });
  });

  it("names both places of a duplicate key", () => {
    const parsed = parsePlan("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", { file: "plan.yaml" });
    expect(parsed).toMatchObject({
      findings: [
        { code: "duplicate-key", line: 5, column: 3, message: expect.stringContaining("on line 3, column 3") },
      ],
    });
  });

  it("proposes quotes for each expression that stands bare inside { } or [ ]", () => {
    const text = "a: { url: ${x}/y, b: 1 }\nc: [${y}]\nd: 1\n";
    expect(refusals(text)).toEqual(['1:11 unquoted-expression -> "${x}/y"', '2:5 unquoted-expression -> "${y}"']);
  });

  it("proposes single quotes where the expression has double ones", () => {
    expect(refusals('a: { b: ${x.join(" ")} }')).toEqual([`1:9 unquoted-expression -> '\${x.join(" ")}'`]);
  });

  it("says that a # ended an expression", () => {
    expect(refusals("a: ${x # y}")).toEqual(["1:4 unquoted-expression"]);
  });

  it.each([
    ["a tab as indentation", "a:\n\tb: 1", "2:1 tab"],
    ["a colon in a bare text", "a: b: c", "1:4 bad-yaml"],
    ["wrong indentation", "a:\n  b: 1\n c: 2", "3:1 bad-indent"],
    ["a quote without end", "a: 'x", "1:6 bad-yaml"],
    ["a second document", "a: 1\n---\nb: 2", "2:1 many-documents"],
    ["another version of YAML", "%YAML 1.1\n---\na: yes", "1:1 yaml-version"],
    ["a tag of its own", "a: !mine 1", "1:10 unknown-tag"],
    ["binary data", "a: !!binary aGVsbG8=", "1:13 unknown-tag"],
    ["a list as a key", "? [a]\n: b", "1:3 bad-key"],
    ["an alias of nothing", "a: *x", "1:4 unknown-alias"],
    ["an alias of what is around it", "a: &x [1, *x]", "1:11 unknown-alias"],
    ["infinity", "a: .inf", "1:4 number-too-large"],
    ["an integer one above 2^53", "a: 9007199254740993", "1:4 number-too-large"],
    ["an integer that a double cannot carry", "a: 12345678901234567890", "1:4 number-too-large"],
    ["__proto__ as a key", "a: { __proto__: 1 }", "1:6 unsafe-key"],
    ["nothing", "", "1:1 empty-plan"],
    ["nothing but a comment", "# nothing\n", "1:1 empty-plan"],
  ])("is refused for %s", (_, text, place) => {
    expect(refusals(text)).toEqual([place]);
  });
});

describe("a JSON source", () => {
  it("is read as JSON.parse reads it", () => {
    const text = ' {"a": [1, -2.5e3, true, null, "x\\u00e9\\n\\"/"], "b": {}, "c": []} ';
    expect(valueOf(text, "plan.json")).toEqual(JSON.parse(text));
  });

  it.each([
    ["a trailing comma", '{"a": 1,}', "1:9 bad-json"],
    ["a comment", '{"a": 1 // one\n}', "1:9 bad-json"],
    ["a bare key", "{a: 1}", "1:2 bad-json"],
    ["single quotes", "{'a': 1}", "1:2 bad-json"],
    ["a number with a leading zero", '{"a": 01}', "1:7 bad-json"],
    ["a bad escape", '{"a": "\\x"}', "1:7 bad-json"],
    ["a text without end", '{\n "a": "x\n}', "2:7 bad-json"],
    ["an early end", '{"a": [1', "1:9 bad-json"],
    ["more than one value", "{} {}", "1:4 bad-json"],
    ["a duplicate key", '{"a": 1,\n "a": 2}', "2:2 duplicate-key"],
    ["a number that a double cannot carry", "[1e999]", "1:2 number-too-large"],
    ["__proto__ as a key", '{"__proto__": 1}', "1:2 unsafe-key"],
    ["YAML", "a: 1", "1:1 bad-json"],
  ])("is refused for %s", (_, text, place) => {
    expect(refusals(text, "plan.json")).toEqual([place]);
  });

  it("is asked for by format, whatever the file is called", () => {
    expect(parsePlan("a: 1", { file: "-", format: "json" }).ok).toBe(false);
    expect(parsePlan("a: 1", { file: "x.json", format: "yaml" }).ok).toBe(true);
  });
});

describe("a value as a source", () => {
  it("is read as the text that it is written as, places included", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (written) => {
        const value = jsonObject.parse(JSON.parse(JSON.stringify(written)));
        const text = JSON.stringify(value, null, 2);
        expect(rootOf(parsePlan(value, { file: "-" }))).toEqual(rootOf(parsePlan(text, { file: "-", format: "json" })));
      }),
    );
  });

  it("is refused where its text is", () => {
    const unsafe = jsonObject.parse(JSON.parse('{ "a": { "__proto__": 1 } }'));
    expect(parsePlan(unsafe, { file: "-" })).toMatchObject({ ok: false, findings: [{ code: "unsafe-key", line: 3 }] });
    const nested = Array.from({ length: MAX_PLAN_DEPTH + 1 }).reduce<JsonObject>((inner) => ({ a: inner }), {});
    expect(parsePlan({ a: nested }, { file: "-" })).toMatchObject({ ok: false, findings: [{ code: "too-deep" }] });
    const long = { a: "x".repeat(MAX_PLAN_BYTES) };
    expect(parsePlan(long, { file: "-" })).toMatchObject({ ok: false, findings: [{ code: "too-large" }] });
  });
});

/** What a source says of its value and of where each part stands; what is wrong in it otherwise. */
function rootOf(parsed: Parsed): unknown {
  if (!parsed.ok) return parsed.findings.map(({ code, line, column }) => ({ code, line, column }));
  const { value, start, end, members, weight, height } = parsed.source.root;
  return { value, start, end, members, weight, height, text: parsed.source.text };
}

describe("the limits of a source", () => {
  const bomb = ["k0: &k0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 10; level++) {
    bomb.push(
      `k${level}: &k${level} [${Array(10)
        .fill(`*k${level - 1}`)
        .join(", ")}]`,
    );
  }

  it.each([
    ["bytes", "#".repeat(MAX_PLAN_BYTES + 1), "too-large"],
    ["levels of lists", "[".repeat(MAX_PLAN_DEPTH + 1), "too-deep"],
    ["levels of blocks", "- ".repeat(MAX_PLAN_DEPTH + 2) + "x", "too-deep"],
    [
      "aliases",
      `a: &a 1\nb: [${Array(MAX_ALIASES + 1)
        .fill("*a")
        .join(", ")}]`,
      "alias-bomb",
    ],
    ["what aliases expand to", bomb.join("\n"), "alias-bomb"],
    ["tokens", "[" + ",".repeat(MAX_YAML_TOKENS), "too-large"],
  ])("refuse too many %s", (_, text, code) => {
    const parsed = parsePlan(text, { file: "plan.yaml" });
    expect(parsed).toMatchObject({ ok: false, findings: [{ code }] });
  });

  it("hold for JSON as well", () => {
    expect(refusals("[".repeat(MAX_PLAN_DEPTH + 2), "plan.json")).toEqual([`1:${MAX_PLAN_DEPTH + 2} too-deep`]);
  });

  it("let through what is just within them", () => {
    const text = "[".repeat(MAX_PLAN_DEPTH) + "]".repeat(MAX_PLAN_DEPTH);
    expect(parsePlan(text, { file: "plan.yaml" }).ok).toBe(true);
    expect(parsePlan(text, { file: "plan.json" }).ok).toBe(true);
  });
});
