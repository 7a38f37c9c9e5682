// What the chart of a plan keeps beside its state.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import {
  movePlan,
  restorePlan,
  UNDRAFTED_PLAN,
  type PlanContext,
  type PlanEvent,
  type PlanStateName,
} from "#machines/plan-chart.ts";
import { cancelRequested, EPOCH, planFailed, planOf, started, tool, UNAVAILABLE } from "./plans.ts";

const AT = 7_000;
/** A plan in the middle of its life: what a fact forgets or keeps wrongly would show. */
const lived: PlanContext = {
  name: "lived",
  edition: 3,
  epoch: 5,
  draftedAt: 10,
  startedAt: 20,
  endedAt: 30,
  deadlineAt: 4_000,
  pausedAt: 40,
  cancelCause: "deadline",
};
type Plain = PlanEvent extends infer E ? Omit<E & { at: number }, "at"> : never;
const after = (from: PlanStateName, event: Plain, context: PlanContext = lived) =>
  movePlan(restorePlan(from, context), { ...event, at: AT } as PlanEvent);

const reopened = fact("PlanReopened", { epoch: EPOCH });
const rolling = fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] });
const revised = fact("PlanRevised", {
  ...{ epoch: 1, edition: 9, definition: inline(null), definitionHash: "", steps: 1, changes: [], words: [] },
});

describe("a plan's chart", () => {
  it("knows nothing of a plan before it is drafted", () => {
    expect(UNDRAFTED_PLAN.value).toBe("undrafted");
    expect(Object.values(UNDRAFTED_PLAN.context).filter((value) => value !== 0)).toEqual(["", ""]);
  });

  it("keeps what a plan is called and when it was drafted and started, by whom and until when", () => {
    const [drafted, start] = started(planOf([tool("a")], { name: "named", deadlineMs: 500 }));
    const { context } = after("undrafted", drafted as Plain, UNDRAFTED_PLAN.context);
    expect(context).toEqual({ ...UNDRAFTED_PLAN.context, name: "named", edition: 1, draftedAt: AT });
    const begun = after("drafted", start as Plain, context).context;
    expect(begun).toEqual({ ...context, startedAt: AT, epoch: EPOCH, deadlineAt: 1_500 });
    const [, endless] = started(planOf([tool("a")]));
    expect(after("drafted", endless as Plain, { ...context, deadlineAt: 9 }).context.deadlineAt).toBe(0);
  });

  it.each([
    ["drafted", fact("PlanCancelled", { epoch: EPOCH }), "cancelled"],
    ["running", fact("PlanSucceeded", { epoch: EPOCH }), "succeeded"],
    ["running", planFailed(UNAVAILABLE), "failed"],
    ["cancelling", fact("PlanCancelled", { epoch: EPOCH }), "cancelled"],
    ["cancelling", planFailed(UNAVAILABLE), "failed"],
    ["rolling-back", fact("PlanRolledBack", { epoch: EPOCH }), "rolled-back"],
    ["rolling-back", planFailed(UNAVAILABLE), "failed"],
  ] as const)("keeps when a plan that was %s ended: %#", (from, event, to) => {
    const { value, context } = after(from, event as Plain);
    expect({ value, context }).toEqual({ value: to, context: { ...lived, endedAt: AT } });
  });

  it.each([
    ["running", cancelRequested(), { cancelCause: "requested" }],
    ["running", cancelRequested({ cause: "deadline" }), { cancelCause: "deadline" }],
    ["paused", cancelRequested(), { cancelCause: "requested", endedAt: 0, pausedAt: 0 }],
    ["running", fact("PlanPaused", { epoch: EPOCH }), { pausedAt: AT }],
    ["paused", fact("PlanResumed", { epoch: EPOCH, shiftMs: 600 }), { pausedAt: 0, deadlineAt: 4_600 }],
    ["paused", fact("PlanResumed", { epoch: EPOCH }), { pausedAt: 0 }],
    ["running", revised, { edition: 9, deadlineAt: 0 }],
    ["failed", { ...revised, data: { ...revised.data, deadlineAt: 8_000 } }, { edition: 9, deadlineAt: 8_000 }],
    ["failed", reopened, { endedAt: 0, pausedAt: 0, cancelCause: "", deadlineAt: 0 }],
    [
      "cancelled",
      fact("PlanReopened", { epoch: EPOCH, deadlineAt: 9_000 }),
      { endedAt: 0, pausedAt: 0, cancelCause: "", deadlineAt: 9_000 },
    ],
    ["running", rolling, { endedAt: 0, pausedAt: 0, cancelCause: "" }],
    ["paused", rolling, { endedAt: 0, pausedAt: 0, cancelCause: "" }],
    ["succeeded", rolling, { endedAt: 0, pausedAt: 0, cancelCause: "" }],
    ["running", fact("SignalExpired", { epoch: EPOCH, number: 1 }), {}],
  ] as const)("keeps of a plan that was %s what the fact says, and the rest as it was: %#", (from, event, changes) => {
    expect(after(from, event as Plain).context).toEqual({ ...lived, ...changes });
  });

  it("does not give a deadline to a plan that has none when it is resumed", () => {
    const resumed = fact("PlanResumed", { epoch: EPOCH, shiftMs: 600 });
    expect(after("paused", resumed as Plain, { ...lived, deadlineAt: 0 }).context.deadlineAt).toBe(0);
  });

  it.each([
    ["undrafted", []],
    ["drafted", []],
    ["running", ["dispatching"]],
    ["paused", ["paused"]],
    ["cancelling", ["draining"]],
    ["rolling-back", ["dispatching"]],
    ["succeeded", ["ended"]],
    ["failed", ["ended"]],
    ["cancelled", ["ended"]],
    ["rolled-back", ["ended"]],
  ] as const)("says which facts about steps a plan that is %s takes", (value, tags) => {
    expect([...restorePlan(value, lived).tags]).toEqual(tags);
  });
});
