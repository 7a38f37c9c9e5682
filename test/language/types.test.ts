import { describe, expect, it } from "vitest";
import { definitionOf, findingsOf, places, planOf } from "./tools.ts";

const typed = (steps: string) => `plan: p
inputs:
  n: { type: integer, default: 1 }
  s: { type: string, default: x }
  token: { secret: true, default: { $secret: TOKEN } }
steps:
  all: { value: "\${inputs}" }
${steps}
`;

describe("the arguments of a call", () => {
  it.each([
    ["an unknown tool", "  a: { tool: git.lgo, with: { range: x } }", ["8:14 unknown-tool -> git.log"]],
    ["a missing argument", "  a: { tool: git.log, with: { root: x } }", ["8:23 missing-argument"]],
    ["two missing arguments", "  a: { tool: fs.write }", ["8:14 missing-argument", "8:14 missing-argument"]],
    ["an unknown argument", "  a: { tool: git.log, with: { range: x, rot: . } }", ["8:41 unknown-argument -> root"]],
    [
      "a text where a number is wanted",
      "  a: { tool: text.wrap, with: { text: x, width: wide } }",
      ["8:49 wrong-type"],
    ],
    ["an expression of the wrong type", "  a: { tool: text.wrap, with: { text: '${inputs.n}' } }", ["8:39 wrong-type"]],
    [
      "an output of the wrong type",
      "  a: { tool: text.wrap, with: { text: '${steps.all.output.n}' } }",
      ["8:39 wrong-type"],
    ],
    ["a constant out of range", "  a: { tool: text.wrap, with: { text: x, width: 300 } }", ["8:49 out-of-range"]],
    [
      "a constant expression out of range",
      "  a: { tool: text.wrap, with: { text: x, width: '${100 * 3}' } }",
      ["8:49 out-of-range"],
    ],
    [
      "a word that is not among those allowed",
      "  a: { tool: fs.write, with: { path: x, text: y, mode: apend } }",
      ["8:56 wrong-value"],
    ],
    ["what only the tool itself can tell", "  a: { tool: http.json, with: { url: not a url } }", ["8:38 wrong-value"]],
  ])("are refused for %s", (_, steps, expected) => {
    expect(places(typed(steps))).toEqual(expected);
  });

  it.each([
    ["a number in a text", "  a: { tool: text.wrap, with: { text: 'n is ${inputs.n}' } }"],
    ["an integer for an integer", "  a: { tool: text.wrap, with: { text: x, width: '${inputs.n}' } }"],
    [
      "what is known only when it runs",
      "  b: { tool: json.read, with: { path: x } }\n  a: { tool: text.wrap, with: { text: '${steps.b.output}' } }",
    ],
    ["a default left out", "  a: { tool: git.log, with: { range: x } }"],
    ["a URL with an expression in it", "  a: { tool: http.json, with: { url: 'https://x.example/${inputs.s}' } }"],
    ["an escaped expression", "  a: { tool: text.wrap, with: { text: 'write $${inputs.n}' } }"],
  ])("may be %s", (_, steps) => {
    expect(places(typed(steps))).toEqual([]);
  });
});

describe("a secret argument", () => {
  const call = (token: string) =>
    typed(`  a: { tool: http.json, with: { url: "https://x.example", token: ${token} } }`);

  it.each([
    ["a reference", "{ $secret: TOKEN }"],
    ["a secret input", '"${inputs.token}"'],
  ])("may be %s", (_, token) => {
    expect(places(call(token))).toEqual([]);
  });

  it.each([
    ["a value", "hunter2"],
    ["an input that is no secret", '"${inputs.s}"'],
    ["a text with an expression", '"Bearer ${inputs.token}"'],
    ["an output", '"${steps.all.output}"'],
  ])("may not be %s", (_, token) => {
    expect(places(call(token))).toEqual(["8:66 secret-by-value -> { $secret: NAME }"]);
  });

  it("names something", () => {
    expect(places(call("{ $secret: '' }"))).toEqual(["8:59 secret-by-value -> { $secret: NAME }"]);
  });

  it("may be a text where the tool takes a text as well, unless its name speaks of a secret", () => {
    const headers = (text: string) =>
      typed(`  a: { tool: http.json, with: { url: "https://x.example", headers: { ${text} } } }`);
    expect(places(headers('accept: text/plain, "accept-language": "${inputs.s}"'))).toEqual([]);
    expect(places(headers("authorization: { $secret: TOKEN }"))).toEqual([]);
    expect(places(headers('"x-api-key": hunter2'))).toEqual(["8:83 secret-by-value -> { $secret: NAME }"]);
    expect(places(headers('Authorization: "Bearer ${inputs.s}"'))).toEqual([
      "8:85 secret-by-value -> { $secret: NAME }",
    ]);
    expect(places(headers("accept: 1"))).toEqual(["8:78 secret-by-value -> { $secret: NAME }"]);
  });

  it("is in no finding, however it is written", () => {
    const text = typed('  a: { tool: http.json, with: { url: 1, token: "hunter2", x: 1 } }');
    const found = findingsOf(text);
    expect(found.map(({ code }) => code)).toEqual(["wrong-type", "secret-by-value", "unknown-argument"]);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });
});

describe("a condition", () => {
  it.each([
    ["a number", "'${inputs.n}'", "8:25 not-a-condition"],
    ["a number without braces", "inputs.n", "8:24 not-a-condition"],
    ["an expression among text", "'${true} ${false}'", "8:25 syntax-error"],
    ["an unknown input", "inputs.nn > 1", "8:31 unknown-property -> n"],
    ["an unknown step", "steps.none.output", "8:24 unknown-step"],
    ["a list", "[true]", "8:18 wrong-type"],
  ])("may not be %s", (_, when, expected) => {
    expect(places(typed(`  a: { value: 1, when: ${when} }`))).toEqual([expected]);
  });

  it.each([
    ["an expression", "'${inputs.n > 1}'"],
    ["an expression without braces", "inputs.n > 1"],
    ["what is known only when it runs", "steps.all.output.n == 1"],
  ])("may be %s", (_, when) => {
    expect(places(typed(`  a: { value: 1, when: ${when} }`))).toEqual([]);
  });

  it("makes needs without braces too", () => {
    const { steps } = definitionOf(planOf("  a: { value: true }\n  b: { value: 1, when: steps.a.output }"));
    expect(steps[1]?.needs).toEqual(["a"]);
  });

  it("may be true or false itself", () => {
    expect(definitionOf(planOf("  a: { value: 1, when: false }")).steps[0]?.when).toBe("${false}");
  });
});

describe("a wait until", () => {
  it.each([
    ["a word", "tomorrow", "8:23 bad-time"],
    ["a day that does not exist", "2030-13-31T00:00:00Z", "8:23 bad-time"],
    ["a boolean", "'${inputs.n > 1}'", "8:23 wrong-type"],
  ])("may not be %s", (_, until, expected) => {
    expect(places(typed(`  a: { wait: { until: ${until} } }`))).toEqual([expected]);
  });

  it.each([
    ["a time", "2030-01-31T12:00:00Z"],
    ["an expression for milliseconds", "'${inputs.n * 1000}'"],
    ["an expression for a time", "'${timestamp(\"2030-01-31T12:00:00Z\")}'"],
  ])("may be %s", (_, until) => {
    expect(places(typed(`  a: { wait: { until: ${until} } }`))).toEqual([]);
  });

  it("gives null", () => {
    const text = typed("  a: { wait: 1s }\n  b: { tool: text.wrap, with: { text: '${steps.a.output}' } }");
    expect(places(text)).toEqual(["9:39 wrong-type"]);
  });
});

describe("a fallback", () => {
  const fallback = (item: string) =>
    typed(`  a: { tool: git.log, with: { range: x }, fallback: [ ${item} ] }\n  b: { value: "\${steps.a.output}" }`);

  it.each([
    ["a value that does not fit the output", "{ value: 3 }", "8:64 wrong-type"],
    ["a value that does not fit inside", "{ value: [ { subject: x } ] }", "8:66 missing-property"],
    ["a tool whose output does not fit", "{ tool: text.wrap, with: { text: x } }", "8:63 fallback-output"],
    ["an unknown tool", "{ tool: text.warp, with: { text: x } }", "8:63 unknown-tool -> text.wrap"],
    ["arguments that are missing", "{ tool: json.read }", "8:63 missing-argument"],
  ])("is refused for %s", (_, item, expected) => {
    expect(places(fallback(item))).toEqual([expected]);
  });

  it.each([
    ["a value that fits", "{ value: [] }"],
    ["a tool that may fit", "{ tool: json.read, with: { path: x } }"],
  ])("may be %s", (_, item) => {
    expect(places(fallback(item))).toEqual([]);
  });

  it("of a value step is one more type that it may have", () => {
    const text = typed(
      "  a: { value: '${inputs.n}', fallback: [ { value: none } ] }\n  b: { tool: text.wrap, with: { text: '${steps.a.output}' } }",
    );
    expect(places(text)).toEqual([]);
  });
});

describe("outputs and the response", () => {
  it("are checked like any template", () => {
    const text = `${planOf("  a: { value: 1 }")}outputs: { n: "\${steps.b.output}" }\nrespond: "\${steps.a.output.x}"\n`;
    expect(places(text)).toEqual(["4:18 unknown-step", "5:28 wrong-operand"]);
  });
});
