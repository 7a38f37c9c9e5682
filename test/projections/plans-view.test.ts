import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, fact, type Fact } from "#events/catalog.ts";
import { planStateOf } from "#machines/state.ts";
import { isSelected, plansView, statusesOf, tagOf, type PlanFilter, type PlanRow } from "#projections/plans-view.ts";
import { replay } from "../machines/driver.ts";
import { EPOCH, PLAN, planFailed, planOf, started, tool, UNAVAILABLE } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";

function rowAfter(...facts: readonly Fact[]): PlanRow {
  return facts.reduce<PlanRow>((row, one, index) => {
    const viewed = { plan: PLAN, fact: one, at: 100 + index };
    return plansView.reads.has(one.type) ? plansView.evolve(row, viewed, undefined) : row;
  }, plansView.initial());
}

const begun = started(planOf([tool("a")], { name: "release notes" }));

describe("a row of the view of plans", () => {
  it("tells what a plan is, since when, and why it failed", () => {
    expect(rowAfter(...begun)).toEqual({
      name: "release notes",
      status: "running",
      steps: 1,
      draftedAt: 100,
      startedAt: 101,
    });
    const row = rowAfter(...begun, planFailed(UNAVAILABLE, "a"));
    expect(row).toMatchObject({ status: "failed", endedAt: 102, error: "nobody answers" });
  });

  it("forgets an end that a reopening or a rollback took back", () => {
    const row = rowAfter(...begun, planFailed(UNAVAILABLE, "a"), fact("PlanReopened", { epoch: EPOCH }));
    expect(row).toEqual(rowAfter(...begun));
  });

  it("shows a plan whose beginning is of a later release than the reader", () => {
    expect(rowAfter(...begun.slice(1))).toMatchObject({ name: "", status: "running", draftedAt: 100 });
  });

  it("has the status of the plan's state, after every history", () => {
    fc.assert(
      fc.property(turbulentWorlds, fc.nat(), (world, pick) => {
        const { events } = live(world);
        const some = events.slice(0, 1 + (pick % events.length));
        const row = rowAfter(...some.map((event) => decode(event)));
        expect(row.status).toBe(planStateOf(replay(some)));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a filter of plans", () => {
  const row: PlanRow = { name: "Release notes", status: "failed", steps: 1, draftedAt: 500, error: "Nobody answers" };
  const selects = (filter: PlanFilter) => isSelected(PLAN, row, filter);

  it("looks for a text in name, id and error, whatever the case", () => {
    for (const text of ["", "release", "NOTES", "nobody", PLAN.slice(4, 12), PLAN.toUpperCase()]) {
      expect(selects({ text }), text).toBe(true);
    }
    expect(selects({ text: "somebody" })).toBe(false);
    expect(isSelected(PLAN, rowAfter(...begun), { text: "nobody" })).toBe(false);
  });

  it("wants the whole name", () => {
    expect(selects({ name: "Release notes" })).toBe(true);
    expect(selects({ name: "Release" })).toBe(false);
  });

  it("takes the moment from which, and leaves the one before which", () => {
    expect(selects({ draftedFrom: 500, draftedBefore: 501 })).toBe(true);
    expect(selects({ draftedFrom: 501 })).toBe(false);
    expect(selects({ draftedBefore: 500 })).toBe(false);
  });

  it("leaves statuses that both the tag and the list allow", () => {
    expect(statusesOf({})).toBeUndefined();
    expect(statusesOf({ statuses: ["failed", "running"] })).toEqual(["failed", "running"]);
    expect(statusesOf({ statuses: ["failed", "running"], tag: "live" })).toEqual(["running"]);
    expect(statusesOf({ tag: "live" })?.every((status) => tagOf({ status }) === "live")).toBe(true);
    expect(selects({ tag: "live" })).toBe(false);
    expect(selects({ tag: "ended", statuses: ["failed"] })).toBe(true);
  });
});
