import { describe, expect, it } from "vitest";
import { readRequirements } from "#src/implementation/requirements/read-requirements.ts";
import { parsePlan } from "#src/language/parse.ts";

/** Each as its code, the beginning of what it points at, and what was meant. */
function findingsOf(text: string): readonly string[] {
  const parsed = parsePlan(text, { file: "r.yaml" });
  if (!parsed.ok) return parsed.findings.map(({ code }) => code);
  const read = readRequirements(parsed.source);
  if (read.ok) return [];
  return read.findings.map(({ code, line, column, suggestion }) => {
    const at = text.split("\n")[line - 1]?.slice(column - 1, column + 5);
    return [code, at, ...(suggestion === undefined ? [] : [`-> ${suggestion}`])].join(" ");
  });
}

const file = (...lines: readonly string[]): string =>
  ["requirements: demo", "capabilities:", ...lines.map((line) => `  ${line}`)].join("\n");
const capability = (words: string): string => file(`- { id: a, title: A, ${words} }`);
const policy = (words: string): string => `${capability(FILE)}\napprovals: [{ name: p, ${words} }]`;
const FILE = "check: { kind: file, files: x }";

describe("a file of requirements", () => {
  it("is read with its defaults", () => {
    const parsed = parsePlan(capability(FILE), { file: "r.yaml" });
    const read = parsed.ok ? readRequirements(parsed.source) : undefined;
    expect(read).toMatchObject({
      ok: true,
      file: {
        requirements: "demo",
        capabilities: [
          { id: "a", weight: 1, risk: "low", needs: [], remedies: [], check: { files: ["x"], exists: true } },
        ],
      },
    });
  });

  it.each([
    ["a word that is none", capability(`wieght: 2, ${FILE}`), "unknown-word wieght -> weight"],
    ["a kind that is none", capability("check: { kind: comand, run: [a] }"), "unknown-kind comand -> command"],
    ["a kind that is missing", capability("check: { run: [a] }"), "missing-word check:"],
    ["a word of another kind", capability("check: { kind: file, files: x, run: [a] }"), "unknown-word run: ["],
    ["a value that is none", capability(`risk: hihg, ${FILE}`), "bad-value hihg,  -> high"],
    ["a number that is too small", capability(`weight: 0, ${FILE}`), "out-of-range 0, che"],
    ["a need that nobody is", capability(`needs: [b], ${FILE}`), "unknown-requirement b], ch"],
    ["a need of itself", capability(`needs: [a], ${FILE}`), "requirement-circle a], ch"],
    ["a pattern that leads out", capability("check: { kind: file, files: ../x }"), "bad-pattern ../x }"],
    ["an expression that is none", capability("check: { kind: pattern, files: x, matches: a( }"), "bad-pattern a( } }"],
    [
      "a condition about something else",
      capability("check: { kind: json, file: x, holds: documnt.a }"),
      "unknown-name documn -> document",
    ],
    ["a policy about something else", policy("when: chagne.cost > 3"), "unknown-name chagne -> change"],
    ["a member that no change has", policy("when: change.rsik == 'high'"), "unknown-property rsik = -> risk"],
    ["a comparison of what cannot be compared", policy("when: change.risk > 3"), "wrong-operand change"],
    ["a policy that is no condition", policy("when: change.cost"), "not-a-condition change"],
    ["a policy that is no expression", policy('when: "change.cost >"'), 'syntax-error " }]'],
    ["a policy that never ends", policy("expires: 2 days"), "bad-duration 2 days"],
    ["a remedy without a way", capability(`${FILE}, remedies: [{ name: r }]`), "remedy-unclear { name"],
    [
      "a remedy with two ways",
      capability(`${FILE}, remedies: [{ name: r, ask: b, template: t }]`),
      "remedy-unclear { name",
    ],
    [
      "an action that is none",
      capability(`${FILE}, remedies: [{ name: r, actions: [{ do: wirte }] }]`),
      "unknown-kind wirte  -> write",
    ],
    [
      "a duration that is none",
      capability(
        `${FILE}, remedies: [{ name: r, ask: b, estimate: { optimistic: 1h, likely: 2 hours, pessimistic: 3h } }]`,
      ),
      "bad-duration 2 hour",
    ],
    [
      "an estimate that shrinks",
      capability(`${FILE}, remedies: [{ name: r, ask: b, estimate: { optimistic: 3h, likely: 2h, pessimistic: 4h } }]`),
      "estimate-unordered estima",
    ],
    ["a list in the place of a mapping", "[]", "wrong-type []"],
    ["nothing to ask", "requirements: x\ncapabilities: []", "out-of-range capabi"],
  ])("has a place and a code for %s", (_, text, expected) => {
    expect(findingsOf(text)).toEqual([expected]);
  });

  it("has no id twice", () => {
    expect(findingsOf(file(`- { id: a, title: A, ${FILE} }`, `- { id: a, title: A, ${FILE} }`))).toEqual([
      "duplicate-requirement a, tit",
    ]);
  });

  it("names a circle of needs, however long it is", () => {
    const needs = Array.from(
      { length: 3_000 },
      (_, at) => `- { id: r${at}, title: A, needs: [r${(at + 1) % 3_000}], ${FILE} }`,
    );
    expect(findingsOf(file(...needs))).toEqual(["requirement-circle r1], c"]);
    const parsed = parsePlan(
      file(
        `- { id: a, title: A, needs: [b], ${FILE} }`,
        `- { id: b, title: A, needs: [c], ${FILE} }`,
        `- { id: c, title: A, needs: [b], ${FILE} }`,
      ),
      { file: "r.yaml" },
    );
    const read = parsed.ok ? readRequirements(parsed.source) : undefined;
    expect(read).toMatchObject({
      ok: false,
      findings: [{ line: 4, message: expect.stringContaining("b -> c -> b") as string }],
    });
  });

  it("is found wrong in one pass", () => {
    const text = file(`- { id: a, title: 7, needs: [zz], wat: 1, ${FILE} }`, `- { id: B, check: { kind: file } }`);
    expect(findingsOf(text).length).toBeGreaterThan(3);
  });
});
