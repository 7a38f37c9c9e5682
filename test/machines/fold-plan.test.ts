// What facts about a plan as a whole change beside its chart.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { planStateOf } from "#machines/state.ts";
import { planChart } from "#machines/plan-chart.ts";
import { stepChart } from "#machines/step-chart.ts";
import { CURRENT_MACHINE, machineVersion } from "#machines/versions.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import { dispatched, EPOCH, failed, PLAN, planFailed, planOf, started, succeeded, tool, UNAVAILABLE } from "./plans.ts";

const chain = started(planOf([tool("a"), tool("b", { needs: ["a"] }), tool("c")], { onFailure: "continue" }));
const ran = [...chain, dispatched("a"), succeeded("a"), dispatched("c"), failed("c")];

const rollback = (fields: { number?: number; from?: string } = {}): readonly Fact[] => [
  fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [], ...fields }),
  fact("StepSucceeded", { step: `undo:${fields.number ?? 1}`, attempt: 0, output: inline([]) }),
];
const rolledBack = fact("PlanRolledBack", { epoch: EPOCH });
const reopened = fact("PlanReopened", { epoch: EPOCH });

describe("a fact of the system", () => {
  it.each([
    fact("PlanQuarantined", { plan: PLAN, code: "c", message: "m", position: 1 } as never),
    fact("PlanReleased", { plan: PLAN }),
  ])("is refused in a plan's stream by its name: $type", (wrong) => {
    expect(() => after(chain, wrong)).toThrow(
      expect.objectContaining({ code: "event-refused", message: `${wrong.type} belongs to the system stream` }),
    );
  });
});

describe("a signal", () => {
  const sent = (number: number, id?: string) =>
    fact("SignalReceived", {
      ...{ epoch: EPOCH, number, name: "go", payload: inline(1), by: "os:alice" },
      ...(id === undefined ? {} : { id }),
    });

  it("is the next one by its number, or refused", () => {
    expect(after(chain, sent(1), sent(2)).signals.count).toBe(2);
    for (const wrong of [[sent(2)], [sent(1), sent(1)], [sent(1), sent(3)]])
      expect(() => after(chain, wrong)).toThrow(refused("event-refused"));
  });

  it("is known again by its id, if it has one", () => {
    expect(after(chain, sent(1), sent(2, "x")).signals.rememberedIds()).toEqual(["x"]);
  });

  it("never expires where it does not say when", () => {
    expect(after(chain, sent(1)).signals.firstToExpire()).toBeUndefined();
  });
});

describe("a rollback that is over", () => {
  const over = (...facts: readonly Fact[]) => after(ran, planFailed(UNAVAILABLE, "c"), ...facts);

  it("has steps begin anew that had begun, and no others", () => {
    const state = over(...rollback(), rolledBack, reopened);
    expect(["a", "b", "c"].map((step) => recordOf(state, step).generation)).toEqual([2, 1, 2]);
    expect(state.error).toBeUndefined();
  });

  it("leaves what is no part of it as it was", () => {
    const state = over(...rollback({ from: "c" }), rolledBack);
    expect(["a", "c"].map((step) => recordOf(state, step).isUndone)).toEqual([false, true]);
    further(state, reopened);
    expect(recordOf(state, "a").chart.value).toBe("succeeded");
    expect(recordOf(state, "c").chart.value).toBe("pending");
  });

  it("finds again what the plan's own steps are about to do", () => {
    const state = over(...rollback(), rolledBack);
    expect(planStateOf(state)).toBe("rolled-back");
    expect([...state.ready]).toEqual([1]);
    expect([...over(...rollback(), planFailed(UNAVAILABLE)).ready]).toEqual([1]);
  });

  it("forgets of what it took back inside of its steps which of it had left memory, and of nothing else", () => {
    const state = over(...rollback({ from: "c" }));
    for (const path of ["c/0/do", "c~2/0/do", "call/0/do", "a/0/c/0/do"]) state.undone.add(path);
    expect([...further(state, rolledBack).undone]).toEqual(["call/0/do", "a/0/c/0/do"]);
  });
});

describe("the machine that a plan names", () => {
  it("is both of its charts", () => {
    expect(machineVersion(CURRENT_MACHINE)).toEqual({ plan: planChart, step: stepChart });
    expect(Object.is(machineVersion(CURRENT_MACHINE).step, stepChart)).toBe(true);
  });
});
