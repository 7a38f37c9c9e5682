import { describe, expect, it } from "vitest";
import { findingsOf, places, planOf } from "./tools.ts";

const STEPS = "steps:\n  a: { value: 1 }\n";

describe("a plan's words", () => {
  it.each([
    ["a word that does not exist", `plan: p\nverson: 1.0.0\n${STEPS}`, ["2:1 unknown-word -> version"]],
    ["a missing name", STEPS, ["1:1 missing-word"]],
    ["a name that is no text", `plan: 3\n${STEPS}`, ["1:7 wrong-type"]],
    ["missing steps", "plan: p\n", ["1:1 missing-word"]],
    ["steps as a list", "plan: p\nsteps: [1]\n", ["2:1 wrong-type"]],
    ["no step at all", "plan: p\nsteps: {}\n", ["2:1 no-steps"]],
    ["a plan that is a list", "- a\n", ["1:1 wrong-type"]],
    ["a deadline without unit", `plan: p\ndeadline: 10\n${STEPS}`, ["2:11 bad-duration -> 10s"]],
    ["a misspelled onFailure", `plan: p\nonFailure: stopp\n${STEPS}`, ["2:12 bad-word -> stop"]],
  ])("are refused for %s", (_, text, expected) => {
    expect(places(text)).toEqual(expected);
  });

  it.each([["call", planOf("  a: { value: 1, fallback: [{ call: other }] }"), "3:31"]])(
    "say that %s is not available yet in a fallback",
    (_, text, place) => {
      expect(places(text)).toEqual([`${place} not-available-yet`]);
    },
  );
});

describe("a step", () => {
  it.each([
    ["an each over a text", "  a: { each: x, do: { value: 1 } }", "3:14 each-over-non-list"],
    ["an each without anything to do", "  a: { each: [1] }", "3:3 missing-word"],
    ["a name for items that is taken", "  a: { each: [1], as: steps, do: { value: 1 } }", "3:23 bad-name"],
    ["a share over all", "  a: { each: [1], do: { value: 1 }, tolerate: 120% }", "3:47 bad-tolerate"],
    ["a repeat without an end", "  a: { repeat: { value: 1 }, until: false }", "3:3 repeat-without-max"],
    ["an unknown plan", "  a: { call: other }", "3:14 unknown-plan"],
    ["a range of versions that is none", "  a: { call: other@x.y.z.w }", "3:14 bad-version-range"],
    ["a value that is isolated", "  a: { value: 1, isolate: thread }", "3:18 unknown-word"],
    ["a join of nothing", "  a: { value: 1, join: { first: 0 } }", "3:18 bad-join"],
    ["a misspelled join", "  a: { value: 1, join: al }", "3:24 bad-join -> all"],
    ["a misspelled policy", "  a: { tool: json.read, with: { path: x }, unknown: rety }", "3:53 bad-word -> retry"],
    ["an undo that is not there", "  a: { tool: json.read, with: { path: x }, unknown: undo }", "3:53 undo-missing"],
    [
      "a tool that looks and is not there",
      "  a: { tool: json.read, with: { path: x }, unknown: { verify: { tool: json.raed, with: { path: x } }, done: true } }",
      "3:71 unknown-tool -> json.read",
    ],
    [
      "a misspelled word of a policy",
      "  a: { tool: json.read, with: { path: x }, unknown: { verify: { tool: json.read, with: { path: x } }, done: true, otput: 1 } }",
      "3:115 unknown-word -> output",
    ],
    ["an approve without a mapping", "  a: { approve: editor }", "3:17 wrong-type"],
    ["a misspelled word of approve", "  a: { approve: { rol: editor } }", "3:19 unknown-word -> role"],
    ["an expiry without unit", "  a: { approve: { expires: 2 } }", "3:28 bad-duration -> 2s"],
    ["a signal without a name", "  a: { signal: '' }", "3:16 out-of-range"],
    ["a pool of a value", "  a: { value: 1, pool: gpu }", "3:18 unknown-word"],
    ["nothing of a resource", "  a: { tool: json.read, with: { path: x }, uses: { db: 0 } }", "3:56 out-of-range"],
    ["an undo of a value", "  a: { value: 1, undo: {} }", "3:18 unknown-word"],
    ["an id with a hyphen", "  fetch-all: { value: 1 }", "3:3 bad-step-id -> fetchAll"],
    ["an id with a capital", "  Fetch: { value: 1 }", "3:3 bad-step-id -> fetch"],
    ["an id of digits", "  12: { value: 1 }", "3:3 bad-step-id"],
    ["no kind", "  a: { needs: [] }", "3:3 no-kind"],
    ["a misspelled kind", "  a: { tol: json.read }", "3:8 unknown-word -> tool"],
    ["two kinds", "  a: { tool: json.read, value: 1 }", "3:25 two-kinds"],
    ["a text instead of words", "  a: json.read", "3:6 wrong-type"],
    ["nothing", "  a:", "3:5 wrong-type"],
    ["a misspelled word", "  a: { value: 1, neds: [b] }", "3:18 unknown-word -> needs"],
    ["a word of another kind", "  a: { value: 1, retry: 3 }", "3:18 unknown-word"],
    ["needs that are no list", "  a: { value: 1, needs: b }", "3:25 wrong-type"],
    ["a number as a duration", "  a: { wait: 10 }", "3:14 bad-duration -> 10s"],
    ["a duration of an unknown unit", "  a: { wait: 10 days }", "3:14 bad-duration"],
    ["a wait for and until", "  a: { wait: { for: 1s, until: x } }", "3:8 bad-wait"],
    ["a timeout of nothing", "  a: { tool: json.read, with: { path: x }, timeout: 0s }", "3:53 bad-duration"],
    ["no attempt at all", "  a: { tool: json.read, with: { path: x }, retry: 0 }", "3:51 out-of-range"],
    ["a part of an attempt", "  a: { tool: json.read, with: { path: x }, retry: 1.5 }", "3:51 wrong-type"],
    [
      "a misspelled word of retry",
      "  a: { tool: json.read, with: { path: x }, retry: { atempts: 2 } }",
      "3:53 unknown-word -> attempts",
    ],
    [
      "a category that does not exist",
      "  a: { tool: json.read, with: { path: x }, retry: { on: { timout: {} } } }",
      "3:59 unknown-word -> timeout",
    ],
    [
      "a word that retry.on does not have",
      "  a: { tool: json.read, with: { path: x }, retry: { on: { timeout: { budget: 1s } } } }",
      "3:70 unknown-word",
    ],
    [
      "a misspelled backoff",
      "  a: { tool: json.read, with: { path: x }, retry: { backoff: fixd } }",
      "3:62 bad-word -> fixed",
    ],
    ["a fallback of two", "  a: { value: 1, fallback: [ { tool: x, value: 1 } ] }", "3:30 bad-fallback"],
    ["a misspelled word of a fallback", "  a: { value: 1, fallback: [ { vale: 1 } ] }", "3:32 unknown-word -> value"],
    [
      "a category that is none",
      "  a: { value: 1, fallback: [ { value: 1, on: [ timeot ] } ] }",
      "3:48 bad-word -> timeout",
    ],
    ["a fallback for no failure", "  a: { value: 1, fallback: [ { value: 1, on: [] } ] }", "3:42 out-of-range"],
    ["idempotent that is no switch", "  a: { tool: json.read, with: { path: x }, idempotent: 1 }", "3:56 wrong-type"],
  ])("is refused for %s", (_, step, expected) => {
    expect(places(planOf(step))[0]).toBe(expected);
  });

  it("is read further where one of its words is wrong", () => {
    const text = planOf(
      "  a:\n    tool: json.raed\n    timeout: 10\n    when: ${inputs.x > 1}\n    with: { path: '${steps.b.output}' }",
    );
    expect(places(text)).toEqual([
      "4:11 unknown-tool -> json.read",
      "5:14 bad-duration -> 10s",
      "6:20 unknown-property",
      "7:22 unknown-step",
    ]);
  });

  it("has its findings in the order of the source, with paths", () => {
    const found = findingsOf(planOf("  b: { tol: 1 }\n  a: { value: 1, neds: [] }"));
    expect(found.map(({ path, line }) => [line, path])).toEqual([
      [3, ["steps", "b", "tol"]],
      [4, ["steps", "a", "neds"]],
    ]);
  });
});

describe("a schema's keywords", () => {
  it("are those of the language: what every object has is a word like any other that it has not", () => {
    for (const word of ["constructor", "hasOwnProperty", "toString", "valueOf"]) {
      const text = `plan: p\ninputs:\n  a: { type: string, ${word}: 1 }\nsteps:\n  s: { value: "\${inputs.a}" }\n`;
      expect(findingsOf(text), word).toMatchObject([{ code: "unknown-word", line: 3 }]);
    }
  });
});

describe("an input", () => {
  const withInput = (input: string) => `plan: p\ninputs:\n  ${input}\nsteps:\n  a: { value: "\${inputs}" }\n`;

  it.each([
    ["a type that does not exist", "n: { type: strng }", "3:14 bad-type -> string"],
    ["a name with a hyphen", "my-in: { type: string }", "3:3 bad-input-name -> myIn"],
    ["a type alone", "n: string", "3:6 wrong-type -> { type: string }"],
    ["a misspelled keyword", "n: { type: string, patern: x }", "3:22 unknown-word -> pattern"],
    ["a keyword of the wrong type", "n: { type: string, maxLength: x }", "3:33 wrong-type"],
    ["a mistake deep in its schema", "n: { type: array, items: { type: strng } }", "3:36 bad-type -> string"],
    ["a mistake in a property", "n: { properties: { x: { tipe: string } } }", "3:27 unknown-word -> type"],
    ["a pattern that backtracks", "n: { type: string, pattern: '(a)\\1' }", "3:31 bad-pattern"],
    ["a default that does not fit", "n: { type: integer, default: x }", "3:32 bad-default"],
    ["a default out of range", "n: { type: integer, minimum: 2, default: 1 }", "3:44 bad-default"],
    [
      "a default that does not fit inside",
      "n: { type: array, items: { type: string }, default: [a, 1] }",
      "3:59 bad-default",
    ],
    ["a default that is a secret's value", "n: { secret: true, default: hunter2 }", "3:31 bad-default"],
  ])("is refused for %s", (_, input, expected) => {
    expect(places(withInput(input))).toEqual([expected]);
  });

  it("that nothing reads is a warning", () => {
    const text = "plan: p\ninputs:\n  n: { type: string }\nsteps:\n  a: { value: 1 }\n";
    expect(findingsOf(text)).toMatchObject([{ code: "unused-input", severity: "warning", line: 3, column: 3 }]);
  });

  it("is used by a response too", () => {
    expect(
      places("plan: p\ninputs:\n  n: { type: string }\nsteps:\n  a: { value: 1 }\nrespond: ${inputs.n}\n"),
    ).toEqual([]);
  });
});
