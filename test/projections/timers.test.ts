import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import { selectTimers } from "#projections/timers.ts";
import { approve, signal, THRICE, tool, wait } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";
import { PlanInProgress, START } from "./plan-in-progress.ts";

const ALL = Infinity;
/** So much longer a coordinator waits for the report of an attempt than its executor does. */
const GRACE_MS = 5_000;

describe("the timers of a plan", () => {
  it("say what is due, when, and why, the earliest first", () => {
    const plan = new PlanInProgress(
      [
        tool("slow", { deadlineMs: 4_000 }, { timeoutMs: 3_000 }),
        tool("flaky", { retry: THRICE }),
        wait("pause", 2_000),
        approve("ask", { expiresMs: 5_000 }),
      ],
      { deadlineMs: 6_000 },
    ).fail("flaky");
    const hash = expect.stringMatching(/./);
    expect(selectTimers(plan.state, ALL)).toEqual([
      { kind: "retry", step: "flaky", attempt: 2, dueAt: START + 100, stands: false },
      { kind: "wait", step: "pause", dueAt: START + 2_000, stands: false },

      { kind: "step-deadline", step: "slow", dueAt: START + 4_000, stands: false },
      { kind: "approval", step: "ask", hash, dueAt: START + 5_000, stands: false },
      { kind: "plan-deadline", dueAt: START + 6_000, stands: false },
      { kind: "attempt", step: "slow", attempt: 1, tool: "test.tool", dueAt: START + 3_000 + GRACE_MS, stands: false },
    ]);
    expect(selectTimers(plan.state, 2)).toHaveLength(2);
  });

  it("count a signal that nobody took", () => {
    const plan = new PlanInProgress([tool("a")]);
    plan.tell({ type: "SendSignal", name: "go", payload: inline(1), by: "os:alice", expiresMs: 700 });
    expect(selectTimers(plan.state, ALL)).toContainEqual({
      kind: "signal",
      name: "go",
      number: 1,
      dueAt: START + 700,
      stands: false,
    });
  });

  it("stand still while a plan is paused whose clock does, but for attempts under way", () => {
    const steps = [tool("a", { deadlineMs: 9_000 }), wait("pause", 700), signal("go", "go")];
    const plan = new PlanInProgress(steps, { pauseStopsClock: true, deadlineMs: 8_000 }).tell({ type: "PausePlan" });
    const stands = selectTimers(plan.state, ALL).map(({ kind, stands: isStanding }) => [kind, isStanding]);
    expect(stands).toEqual([
      ["wait", true],
      ["plan-deadline", true],
      ["step-deadline", true],
      ["attempt", false],
    ]);
  });

  it("are none when the plan has ended", () => {
    expect(selectTimers(new PlanInProgress([tool("a")], { deadlineMs: 10 }).succeed("a").state, ALL)).toEqual([]);
  });

  it("begin with the moment at which the law has something to do, in every history", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        live(world, {
          onFold: (_fact, state) => {
            const now = Math.max(state.header.context.draftedAt, START);
            const coming = selectTimers(state, ALL).filter(({ stands, kind, dueAt }) => {
              return !stands && (kind !== "retry" || dueAt > now);
            });
            expect(coming[0]?.dueAt).toBe(nextDueAt(state, now));
          },
        });
      }),
      { numRuns: 60 },
    );
  });
});
