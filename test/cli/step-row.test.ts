import { describe, expect, it } from "vitest";
import type { StepProgress } from "#projections/progress.ts";
import { stepRow, type LiveNote } from "#src/cli/step-row.ts";

const base = { step: "fetch", kind: "tool", tool: "http.json", attempt: 1, attempts: 3 } as const;

function drawn(step: Partial<StepProgress>, live?: LiveNote, widthChars = 100): string {
  const options = { indent: 0, nameChars: 8, widthChars, now: 10_000, ...(live === undefined ? {} : { live }) };
  return stepRow({ state: "running", ...base, ...step }, options)
    .map(({ text }) => text)
    .join("")
    .trimEnd();
}

describe("a step's row", () => {
  it("shows how long it has run, and its bar and message where the tool says so", () => {
    expect(drawn({ durationMs: 2_400 })).toBe(" ▶ fetch    http.json      2.4s");
    expect(drawn({ durationMs: 2_400 }, { percent: 50, message: "page 3" })).toBe(
      " ▶ fetch    http.json      2.4s   ██████░░░░░░  50% page 3",
    );
  });

  it("counts down to the next attempt, and says which and why", () => {
    const error = { category: "unavailable", code: "x", message: "nobody answers" } as const;
    expect(drawn({ state: "between", durationMs: 900, dueAt: 11_500, error })).toBe(
      " ↻ fetch    http.json      900ms  attempt 2 of 3 in 1.5s unavailable: nobody answers",
    );
  });

  it("says what it waits for, and until when", () => {
    const waiting = { state: "waiting", durationMs: 900, dueAt: 71_000 } as const;
    expect(drawn({ ...waiting, kind: "wait" })).toMatch(/900ms {2}in 1m 1s$/);
    expect(drawn({ state: "waiting", durationMs: 900, kind: "signal" })).toMatch(/900ms {2}for its signal$/);
    expect(drawn({ ...waiting, kind: "approve" })).toMatch(/900ms {2}for approval, expires in 1m 1s$/);
    expect(drawn({ state: "waiting", durationMs: 900 })).toMatch(/900ms {2}for approval$/);
  });

  it("shows the fallback that succeeded", () => {
    expect(drawn({ state: "succeeded", durationMs: 40, fallback: 1, attempt: 4 })).toBe(
      " ✔ fetch    http.json      40ms   fallback 2 attempt 4",
    );
  });

  it("is never wider than the screen, and carries nothing that steers a terminal", () => {
    const error = { category: "bug", code: "x", message: `\u001b[2Jgone\n${"long ".repeat(100)}` } as const;
    const text = drawn({ state: "failed", durationMs: 1, error }, undefined, 60);
    expect(text).toHaveLength(60);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u001f]/);
  });
});
