import { describe, expect, it } from "vitest";
import { Trail } from "./trail.ts";

const fact = (id: string) => ({ id, type: "StepSucceeded" });

describe("what a subscriber was shown", () => {
  it("is refused where a fact is missing, and where one comes twice", () => {
    const trail = new Trail();
    trail.take(0, fact("a"));
    expect(() => trail.take(2, fact("c"))).toThrow("subscription: after 0 came 2 (StepSucceeded)");
    expect(() => trail.take(0, fact("a"))).toThrow("subscription: after 0 came 0");
    trail.take(1, fact("b"));
    expect(trail.last).toBe(1);
  });

  it("is held against the log: the same facts, all of them, in the same order", () => {
    const trail = new Trail();
    ["a", "b", "c"].forEach((id, number) => trail.take(number, fact(id)));
    expect(trail.isOf(["a", "b", "c"])).toBe(true);
    expect(trail.isOf(["a", "b"])).toBe(false);
    expect(trail.isOf(["a", "b", "c", "d"])).toBe(false);
    expect(trail.isOf(["a", "c", "b"])).toBe(false);
    expect(trail.isOf(["a", "x", "c"])).toBe(false);
    // And nothing of it is used up by asking.
    trail.take(3, fact("d"));
    expect(trail.isOf(["a", "b", "c", "d"])).toBe(true);
  });
});
