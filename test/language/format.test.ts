import { describe, expect, it } from "vitest";
import { formatFindings } from "#src/language/format.ts";
import { findingsOf, planOf } from "./tools.ts";

describe("formatted findings", () => {
  it("show place, message, source line, caret and suggestion", () => {
    const text = `plan: notes
inputs:
  since: { type: string }
steps:
  log:
    tool: git.lgo
    with: { range: "\${inputs.sinse}..HEAD" }
    timeout: 10
  fetch-all: { value: 1 }
  a: { value: 1, needs: [b] }
  b: { value: 1, needs: [a] }
`;
    expect(`\n${formatFindings(findingsOf(text))}\n`).toBe(`
plan.yaml:6:11: error unknown-tool: there is no tool "git.lgo"
        tool: git.lgo
              ^^^^^^^
  did you mean git.log?

plan.yaml:7:30: error unknown-property: there is no property sinse
        with: { range: "\${inputs.sinse}..HEAD" }
                                 ^^^^^
  did you mean since?

plan.yaml:8:14: error bad-duration: a duration is a number and a unit (ms, s, m, h or d), such as 500ms, 10s or 2d
        timeout: 10
                 ^^
  did you mean 10s?

plan.yaml:9:3: error bad-step-id: "fetch-all" is no step id, which is a lower-case letter, then letters, digits or _: in an expression a hyphen is a minus sign
      fetch-all: { value: 1 }
      ^^^^^^^^^
  did you mean fetchAll?

plan.yaml:10:3: error cycle: each of these steps needs the one before it: a -> b -> a
      a: { value: 1, needs: [b] }
      ^
`);
  });

  it("cut a long line around the place", () => {
    const long = "x".repeat(300);
    const [finding] = findingsOf(planOf(`  a: { value: "${long} \${inputs.x} ${long}" }`));
    const [line = "", marks = ""] = finding?.caret.split("\n") ?? [];
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line.slice(marks.indexOf("^"), marks.length)).toBe("x");
    expect(line).toContain("${inputs.x}");
  });

  it("never carry control characters to a terminal", () => {
    const [finding] = findingsOf(planOf("  a: { value: 1, nope: '\u009b31m\u202e' }"));
    expect(finding?.caret.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("say how many were left out", () => {
    const steps = Array.from({ length: 500 }, (_, index) => `  s${index}: { value: 1, nope: 1 }`);
    const found = findingsOf(planOf(steps.join("\n")));
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toMatchObject({ code: "too-many-findings", message: "300 more findings are not listed" });
  });
});
