import { describe, expect, it } from "vitest";
import { Retries } from "#machines/retries.ts";

const due = (step: number, dueAt: number) => ({ step, dueAt, attempt: 1, kind: "retry" as const });
const lane = (priority: number, pool = "") => ({ priority, pool });

/** Retries of which some are over. */
function holding(
  entries: readonly (readonly [number, number, ReturnType<typeof lane>])[],
  over: readonly number[] = [],
) {
  const retries = new Retries(({ step }) => !over.includes(step));
  for (const [step, dueAt, in_] of entries) retries.push(due(step, dueAt), in_);
  return retries;
}

const spread = [
  [1, 500, lane(0)],
  [2, 300, lane(0, "gpu")],
  [3, 400, lane(5)],
  [4, 100, lane(0)],
  [5, 300, lane(5, "gpu")],
] as const;

describe("retries", () => {
  it("have one that comes first of all, in whatever lane", () => {
    expect(holding(spread).peek()).toEqual(due(4, 100));
    expect(holding(spread, [4]).peek()).toEqual(due(2, 300));
    expect(holding(spread, [4, 2]).peek()).toEqual(due(5, 300));
    expect(holding(spread, [4, 2, 5]).peek()).toEqual(due(3, 400));
    expect(holding(spread, [1, 2, 3, 4, 5]).peek()).toBeUndefined();
    expect(holding([]).peek()).toBeUndefined();
  });

  it("are listed by their time, without those that are over", () => {
    expect(holding(spread, [1]).living()).toEqual([due(4, 100), due(2, 300), due(5, 300), due(3, 400)]);
  });

  it("may start one a lane when their time has come, of a higher priority first, then the earlier", () => {
    const names = (now: number, over: readonly number[] = []) =>
      holding(spread, over)
        .due(now)
        .map(({ step, priority, pool }) => `${step}:${priority}/${pool}`);
    expect(names(99)).toEqual([]);
    expect(names(100)).toEqual(["4:0/"]);
    expect(names(400)).toEqual(["5:5/gpu", "3:5/", "4:0/", "2:0/gpu"]);
    expect(names(500, [4])).toEqual(["5:5/gpu", "3:5/", "2:0/gpu", "1:0/"]);
  });

  it("of one lane hold up nobody else's", () => {
    const retries = holding([
      [1, 100, lane(0, "gpu")],
      [2, 200, lane(0, "gpu")],
      [3, 300, lane(0)],
    ]);
    expect(retries.due(300).map(({ step }) => step)).toEqual([1, 3]);
  });
});
