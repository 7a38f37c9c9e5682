import { describe, expect, it } from "vitest";
import type { StepProgress } from "#projections/progress.ts";
import { selectWindow } from "#src/cli/screen/window.ts";

function steps(...states: readonly StepProgress["state"][]): readonly StepProgress[] {
  return states.map((state, index) => ({ step: `s${index}`, kind: "tool", state, attempt: 1, endedAt: index }));
}

function shown(all: readonly StepProgress[], lines: number): string {
  const tree = all.map((_, step) => ({ step, indent: 0 }));
  return selectWindow(tree, all, lines)
    .rows.map(({ step }) => all[step]?.step)
    .join(" ");
}

describe("the window", () => {
  it("is everything where everything fits", () => {
    expect(shown(steps("succeeded", "running", "pending"), 3)).toBe("s0 s1 s2");
  });

  it("keeps the order of the tree", () => {
    expect(shown(steps("pending", "running", "succeeded", "pending", "running"), 3)).toBe("s1 s2 s4");
  });

  it("prefers what moves, then failures, then what ended last, then what comes next", () => {
    const all = steps("succeeded", "failed", "succeeded", "succeeded", "running", "pending", "pending", "pending");
    expect(shown(all, 1)).toBe("s4");
    expect(shown(all, 2)).toBe("s1 s4");
    expect(shown(all, 5)).toBe("s1 s3 s4 s5 s6");
  });

  it("fills up with ended steps when nothing comes next", () => {
    expect(shown(steps("succeeded", "succeeded", "succeeded", "running"), 3)).toBe("s1 s2 s3");
  });

  it("counts what it hides, by state", () => {
    const all = steps("succeeded", "succeeded", "running", "pending");
    const tree = all.map((_, step) => ({ step, indent: 0 }));
    expect([...selectWindow(tree, all, 1).hidden]).toEqual([
      ["succeeded", 2],
      ["pending", 1],
    ]);
  });
});
