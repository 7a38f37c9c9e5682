import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { selectApprovals } from "#projections/approvals.ts";
import { planReport } from "#src/implementation/reporting/report.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";
import { each, tool, value } from "../../machines/plans.ts";
import { replay } from "../../machines/driver.ts";
import { PlanInProgress, START } from "../../projections/plan-in-progress.ts";
import { changeOf, madeOf, mergedOf, MINUTE, stepsOf, type Planned } from "./plan-of-changes.ts";
import { reportOf } from "./reported.ts";

const SLOTS = 2;

function begun(planned: readonly Planned[]): PlanInProgress {
  const plan = new PlanInProgress(stepsOf(planned), { name: "changes_test", onFailure: "continue" }, SLOTS);
  return plan.after(1_000, SLOTS);
}

function implement(plan: PlanInProgress): PlanInProgress {
  plan.tell({ type: "SendSignal", name: "implement", payload: inline(null), by: "os:ann" }, SLOTS);
  return plan.succeed("ready", {}, SLOTS);
}

function make(plan: PlanInProgress, id: string, afterMs: number): PlanInProgress {
  plan.after(afterMs, SLOTS).succeed(id, madeOf(id), SLOTS);
  return plan.after(100, SLOTS).succeed(`${id}_merge`, mergedOf(id), SLOTS);
}

function approve(plan: PlanInProgress): PlanInProgress {
  for (const { step, hash } of selectApprovals(plan.state)) {
    plan.tell(
      { type: "DecideApproval", step, hash, verdict: "approved", by: "os:bob", roles: ["editor"], note: "fine" },
      SLOTS,
    );
  }
  return plan;
}

const changeIn = (plan: PlanInProgress, id: string) =>
  reportOf(plan.state, plan.now).changes.find((one) => one.id === id);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

describe("a report of changes", () => {
  const planned = [
    { change: changeOf("a", { weight: 3 }) },
    { change: changeOf("b"), needs: ["a"] },
    { change: changeOf("c"), needs: ["approve_risky"] },
  ];

  it("counts a change by its weight, and only when it is merged", () => {
    const plan = implement(begun(planned));
    expect(reportOf(plan.state, plan.now).percent).toBe(0);
    plan.after(MINUTE, SLOTS).succeed("a", madeOf("a"), SLOTS);
    expect(reportOf(plan.state, plan.now)).toMatchObject({ percent: 0, states: { merging: 1, waiting: 2 } });
    plan.succeed("a_merge", mergedOf("a"), SLOTS);
    expect(reportOf(plan.state, plan.now)).toMatchObject({ percent: 60, done: 1, total: 3 });
  });

  it("is a document of its schema before, while and after the plan runs", () => {
    const plan = begun(planned);
    const fits = (): void => void planReport.parse(reportOf(plan.state, plan.now));
    fits();
    make(implement(plan), "a", MINUTE);
    fits();
    make(plan, "b", MINUTE);
    make(approve(plan), "c", MINUTE);
    fits();
    expect(reportOf(plan.state, plan.now)).toMatchObject({ percent: 100, status: "succeeded", blocked: [] });
    expect(reportOf(plan.state, plan.now).remaining).toBeUndefined();
  });

  it("says what was changed, with hashes, the patch's size and what accepted it", () => {
    const plan = make(implement(begun(planned)), "a", MINUTE);
    expect(changeIn(plan, "a")).toMatchObject({
      state: "done",
      files: [{ path: "a.txt", change: "added", after: "a".repeat(40) }],
      commit: "d".repeat(40),
      patchBytes: 16,
      acceptance: { verdict: "met", evidence: ["has a.txt (a.txt:1)"] },
    });
  });

  it("says down to a person what a change waits for", () => {
    const plan = implement(begun(planned));
    const texts = reportOf(plan.state, plan.now).blocked.map(({ text }) => text);
    expect(texts).toEqual([
      "b waits for a_merge, which waits for a, which runs since 2026-01-01 00:00:01 UTC (attempt 1)",
      "c waits for approve_risky, which waits for approval by editor since 2026-01-01 00:00:00 UTC",
    ]);
  });

  it("says who approved what", () => {
    const plan = approve(implement(begun(planned)));
    expect(reportOf(plan.state, plan.now).approvals).toMatchObject([
      { step: "approve_risky", state: "approved", role: "editor", by: ["os:bob"], note: "fine", covers: ["c"] },
    ]);
  });

  it("names what a failed change keeps from beginning", () => {
    const plan = implement(begun(planned));
    for (let attempt = 0; attempt < 3; attempt += 1) plan.after(MINUTE, SLOTS).fail("a", SLOTS);
    expect(changeIn(plan, "a")).toMatchObject({ state: "failed", error: "connection-refused: nobody answers" });
    expect(changeIn(plan, "b")?.state).toBe("blocked");
  });

  it("is the same from replayed facts", () => {
    const plan = make(approve(make(implement(begun(planned)), "a", 3 * MINUTE)), "b", MINUTE);
    expect(reportOf(replay(plan.driver.events), plan.now)).toEqual(reportOf(plan.state, plan.now));
  });
});

describe("remaining time", () => {
  const planned = [{ change: changeOf("a") }, { change: changeOf("b"), needs: ["a"] }];

  it("is that of what is left, the longer way over its needs", () => {
    const plan = implement(begun(planned));
    const { remaining } = reportOf(plan.state, plan.now);
    expect(remaining?.durationMs.p50).toBeGreaterThan(4 * MINUTE);
    expect(remaining?.durationMs.p90).toBeGreaterThan(remaining?.durationMs.p50 ?? Infinity);
    make(plan, "a", 2 * MINUTE);
    expect(reportOf(plan.state, plan.now).remaining?.durationMs.p50).toBeLessThan(4 * MINUTE);
  });

  it("knows how long what runs has run already", () => {
    const plan = implement(begun([{ change: changeOf("a") }]));
    const p50At = (ms: number) => reportOf(plan.state, plan.now + ms).remaining?.durationMs.p50 ?? 0;
    // Less is left after a minute, but not a whole minute less; and after half an hour it is late and not done.
    expect(p50At(MINUTE)).toBeLessThan(p50At(0));
    expect(p50At(MINUTE)).toBeGreaterThan(p50At(0) - MINUTE);
    expect(p50At(4.9 * MINUTE)).toBeGreaterThan(1_000);
  });

  it("names those whose time nobody knows", () => {
    const plan = begun([{ change: changeOf("a"), needs: ["approve_risky"] }]);
    expect(reportOf(plan.state, plan.now).remaining?.without).toEqual(["begin", "approve_risky"]);
  });

  it("is moved by what finished changes like it took", () => {
    const plan = implement(begun([{ change: changeOf("a") }]));
    const finished = [
      {
        class: { remedy: "remedy_a", level: 2, size: "small" as const },
        finished: 20,
        changes: Array.from({ length: 20 }, () => ({ estimate: null, lines: 1, actualMs: 40 * MINUTE, at: 0 })),
      },
    ];
    const moved = reportOf(plan.state, plan.now, { finished });
    expect(moved.remaining?.durationMs.p50).toBeGreaterThan(20 * MINUTE);
    expect(moved.changes[0]?.outside).toContain("20 finished");
    expect(moved.plannedEndAt).toBe(reportOf(plan.state, plan.now).plannedEndAt);
  });
});

describe("a slip", () => {
  const planned = [
    { change: changeOf("a") },
    { change: changeOf("b"), needs: ["a"] },
    { change: changeOf("c"), needs: ["approve_risky"] },
  ];
  const causesOf = (plan: PlanInProgress, id: string) =>
    Object.fromEntries((changeIn(plan, id)?.slip?.causes ?? []).map(({ text, ms }) => [text, ms]));

  it("names the attempt that failed and the time that it took", () => {
    const plan = implement(begun(planned));
    plan.after(MINUTE, SLOTS).fail("a", SLOTS).after(100, SLOTS);
    make(plan, "a", 2 * MINUTE);
    expect(causesOf(plan, "a")).toMatchObject({
      "attempt 1 of a failed: connection-refused: nobody answers": MINUTE,
      "waited after attempt 1 of a": 100,
    });
  });

  it("names who was waited for: a change, an approval, a signal", () => {
    const plan = implement(begun(planned).after(10 * MINUTE, SLOTS));
    make(plan, "a", 5 * MINUTE);
    make(approve(plan), "b", MINUTE);
    make(plan, "c", MINUTE);
    expect(causesOf(plan, "a")).toHaveProperty(["waited for the signal implement (begin)"]);
    expect(causesOf(plan, "b")).toHaveProperty(["waited for a"]);
    expect(causesOf(plan, "c")).toHaveProperty(["waited for approval by editor (approve_risky)"]);
  });

  it("is told of a change that is not done before it ends", () => {
    const plan = implement(begun(planned));
    const slip = reportOf(plan.state, plan.now + 4 * MINUTE).changes[0]?.slip;
    expect(slip?.isProjected).toBe(true);
    expect(slip?.ms).toBeGreaterThan(0);
  });
});

/** A plan that goes on by chance for a while, and what is claimed of it after each thing that happens. */
function wander(seed: number, claim: (plan: PlanInProgress, hasFailed: boolean) => void): PlanInProgress {
  const random = mulberry32(seed);
  const ids = ["a", "b", "c", "d", "e"];
  const planned = ids.map((id, index) => ({
    change: changeOf(id, { weight: 1 + Math.floor(random() * 9) }),
    needs: [...ids.slice(0, index).filter(() => random() < 0.3), ...(random() < 0.3 ? ["approve_x"] : [])],
  }));
  const plan = implement(begun(planned));
  let hasFailed = false;
  for (let turn = 0; turn < 40; turn += 1) {
    plan.after(Math.floor(random() * MINUTE), SLOTS);
    if (random() < 0.2) approve(plan);
    const running = [...plan.state.running].map((index) => plan.state.steps[index]?.dispatched?.step ?? "");
    const step = running[Math.floor(random() * running.length)];
    if (step === undefined) continue;
    const isFailure = random() < 0.15 && !step.endsWith("_merge");
    hasFailed ||= isFailure;
    const id = step.replace("_merge", "");
    if (isFailure) plan.fail(step, SLOTS);
    else plan.succeed(step, step === id ? madeOf(id) : mergedOf(id), SLOTS);
    claim(plan, hasFailed);
  }
  return plan;
}

describe("over plans by chance", () => {
  const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 1);

  it.each(SEEDS)("percent only grows, and is 100 exactly when all is done (seed %i)", (seed) => {
    let before = 0;
    wander(seed, (plan) => {
      const { percent, done, total } = reportOf(plan.state, plan.now);
      expect(percent).toBeGreaterThanOrEqual(before);
      expect(percent === 100).toBe(done === total);
      before = percent;
    });
  });

  it.each(SEEDS)("the causes of each slip add up to it (seed %i)", (seed) => {
    let seen = 0;
    wander(seed, (plan) => {
      for (const { slip } of reportOf(plan.state, plan.now).changes) {
        if (slip === undefined) continue;
        seen += 1;
        expect(sumOf(slip.causes.map(({ ms }) => ms))).toBeCloseTo(slip.ms, 3);
      }
    });
    expect(seen).toBeGreaterThan(20);
  });

  it.each(SEEDS)("what has ended has slipped by its end against its planned end (seed %i)", (seed) => {
    const plan = wander(seed, () => undefined);
    for (const { state, slip, endAt = 0, plannedEndAt } of reportOf(plan.state, plan.now).changes) {
      if (state === "done") expect(slip?.ms).toBeCloseTo(endAt - plannedEndAt, 3);
    }
  });
});

describe("a report of any plan", () => {
  const item = tool("one");

  it("is by steps, an opened one by what is done in it", () => {
    const plan = new PlanInProgress([
      tool("first", { estimateMs: MINUTE }),
      each("all", [1, 2, 3, 4], { steps: [item], needs: ["first"], estimateMs: MINUTE }),
      value("last", 1, { needs: ["all"] }),
    ]);
    plan.after(MINUTE).succeed("first");
    const report = reportOf(plan.state, plan.now);
    expect(report).toMatchObject({ percentBy: "steps", total: 3, done: 1, changes: [], calibration: [] });
    expect(report.percent).toBeGreaterThan(40);
    expect(report.percent).toBeLessThan(60);
    expect(report.steps.map(({ step, state }) => [step, state])).toEqual([
      ["first", "succeeded"],
      ["all", "open"],
      ["last", "pending"],
    ]);
  });

  it("is whole when the plan has succeeded", () => {
    const plan = new PlanInProgress([
      value("one", 1),
      value("two", "${steps.one.output}", { needs: ["one"], when: "false" }),
    ]);
    expect(reportOf(plan.state, START)).toMatchObject({ status: "succeeded", percent: 100 });
  });
});
