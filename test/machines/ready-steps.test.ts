import { describe, expect, it } from "vitest";
import { PLAIN_LANE, ReadySteps } from "#machines/ready-steps.ts";

const lane = (priority: number, pool = "") => ({ priority, pool });
const lanesOf = (ready: ReadySteps) => ready.lanes().map((steps) => [...steps]);

describe("ready steps", () => {
  it("come by priority, then by whose first step has waited longest, then in the order in which they came", () => {
    const ready = new ReadySteps();
    ready.add(4, lane(0, "b"));
    ready.add(3, lane(0, "a"));
    ready.add(9, lane(5, "a"));
    ready.add(2, lane(0, "b"));
    ready.add(8, lane(-1));
    ready.add(1, lane(0, "a"));
    ready.add(7, lane(5, "b"));
    expect(lanesOf(ready)).toEqual([[9], [7], [4, 2], [3, 1], [8]]);
    expect([...ready]).toEqual([9, 7, 4, 2, 3, 1, 8]);
    expect([ready.highest, ready.size]).toEqual([5, 7]);
  });

  it("take another turn when the first of their lane has gone", () => {
    const ready = new ReadySteps();
    ready.add(1, lane(0, "a"));
    ready.add(2, lane(0, "b"));
    ready.add(3, lane(0, "a"));
    expect(lanesOf(ready)).toEqual([[1, 3], [2]]);
    ready.delete(1);
    expect(lanesOf(ready)).toEqual([[2], [3]]);
  });

  it("keep their place and their lane when they are added again", () => {
    const ready = new ReadySteps();
    ready.add(1);
    ready.add(2);
    ready.add(1, lane(7));
    expect(lanesOf(ready)).toEqual([[1, 2]]);
    expect([ready.size, ready.highest]).toEqual([2, PLAIN_LANE.priority]);
    ready.delete(1);
    ready.add(1);
    expect([...ready]).toEqual([2, 1]);
  });

  it("leave no lane behind that nobody waits in", () => {
    const ready = new ReadySteps();
    ready.add(1, lane(3));
    ready.add(2);
    ready.delete(1);
    ready.delete(1);
    ready.delete(99);
    expect([ready.highest, ready.has(1), ready.has(2), lanesOf(ready)]).toEqual([0, false, true, [[2]]]);
    ready.clear();
    expect([ready.highest, ready.has(2), ready.size, lanesOf(ready)]).toEqual([undefined, false, 0, []]);
  });
});
