import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { outputsToLoad, selectReport } from "#src/implementation/reporting/select-report.ts";
import type { PlanReport } from "#src/implementation/reporting/report.ts";
import { planOf } from "../../machines/plans.ts";
import { NO_HISTORY } from "#src/planning/estimate/tool-history.ts";
import { runPlan, type PlanRun } from "#src/testing/run-plan.ts";
import { fails, scriptedTool, takes } from "#src/testing/scripted-tool.ts";
import { changeOf, madeOf, mergedOf, MINUTE, stepsOf } from "./plan-of-changes.ts";

// Plans of changes on the real engine in virtual time, with tools that take time and fail as the real ones may.

interface Turns {
  /** Changes that fail the first time. */
  readonly failing?: readonly string[];
  /** Changes that cannot be taken back. */
  readonly left?: readonly string[];
}

function toolsThat({ failing = [], left = [] }: Turns) {
  const options = { idempotent: true };
  return [
    scriptedTool("change.ready", () => ({}), options),
    scriptedTool(
      "change.make",
      ({ step, number }) => {
        const isFailing = failing.includes(step) && number === 0;
        return takes(2 * MINUTE, isFailing ? fails("unavailable", "no network") : madeOf(step));
      },
      options,
    ),
    scriptedTool(
      "change.merge",
      ({ args }) => mergedOf(typeof args["change"] === "string" ? args["change"] : ""),
      options,
    ),
    scriptedTool(
      "change.revert",
      ({ args }) => {
        const isLeft = left.some((id) => JSON.stringify(args).includes(`"change":"${id}"`));
        return isLeft
          ? fails("conflict", "a.txt was changed since", { code: "changed-since" })
          : { outcome: "taken-back" };
      },
      options,
    ),
  ];
}

const PLANNED = [
  { change: changeOf("a") },
  { change: changeOf("b"), needs: ["a"] },
  { change: changeOf("c"), needs: ["approve_x"] },
];
const definition = planOf(stepsOf(PLANNED), { name: "changes_test", onFailure: "continue" });
const WORDS = {
  signals: [{ name: "implement", afterMs: MINUTE }],
  approvals: { approve_x: { verdict: "approved", afterMs: 3 * MINUTE, by: "os:bob" } },
} as const;

async function reportOf({ state, plans, plan }: PlanRun): Promise<PlanReport> {
  const outputs = new Map<number, Json>();
  for (const [local, payload] of outputsToLoad(state)) outputs.set(local, await plans.value(payload));
  const now = (await plans.history(plan)).at(-1)?.event.origin.occurredAt ?? 0;
  const finished = await plans.finishedChanges();
  return selectReport(state, { now, durations: NO_HISTORY, finished, outputs });
}

describe("a plan of changes on the engine", () => {
  it("is reported with its attempts, slips, approvals and files", async () => {
    const run = await runPlan(definition, { ...WORDS, tools: toolsThat({ failing: ["a"] }) });
    const report = await reportOf(run);
    expect(report).toMatchObject({ status: "succeeded", percent: 100, done: 3 });
    const [a, b, c] = report.changes;
    expect(a).toMatchObject({ state: "done", attempts: 3, workedMs: 4 * MINUTE, files: [{ path: "a.txt" }] });
    const [attempt, begin] = a?.slip?.causes ?? [];
    expect(attempt).toMatchObject({ kind: "attempt", ms: 2 * MINUTE });
    expect(begin?.text).toBe("waited for the signal implement (begin)");
    expect(b?.slip?.causes[0]).toMatchObject({ kind: "dependency", text: "waited for a" });
    expect(c?.slip?.causes[0]).toMatchObject({ kind: "approval", text: "waited for approval by editor (approve_x)" });
    expect(report.approvals).toMatchObject([{ by: ["os:bob"], covers: ["c"] }]);
  });

  it("feeds the view of finished changes, and so the calibration of its report", async () => {
    const run = await runPlan(definition, { ...WORDS, tools: toolsThat({ failing: ["a"] }) });
    const finished = await run.plans.finishedChanges();
    const of = (remedy: string) => finished.find((one) => one.class.remedy === remedy)?.changes;
    expect(of("remedy_a")).toMatchObject([{ estimate: changeOf("a").estimate, actualMs: 4 * MINUTE, lines: 2 }]);
    expect(of("remedy_b")).toMatchObject([{ actualMs: 2 * MINUTE }]);
    const { calibration } = await reportOf(run);
    expect(calibration[0]).toMatchObject({ class: "all changes", changes: 3 });
    expect(calibration[0]?.withinP90).toBeCloseTo(2 / 3);
    expect(calibration).toHaveLength(4);
  });

  it("says after a rollback what was taken back, and what was left and why", async () => {
    const commands = [{ command: { type: "RollbackPlan" }, afterMs: 3 * MINUTE + 1_000 }] as const;
    const run = await runPlan(definition, { ...WORDS, commands, tools: toolsThat({ left: ["a"] }) });
    const report = await reportOf(run);
    expect(run.refused).toEqual([]);
    expect(report.takenBack).toMatchObject([
      { step: "a_merge", state: "left", text: "changed-since: a.txt was changed since" },
    ]);
    expect(report.percent).toBeLessThan(100);
  });

  it("counts nothing that was taken back as done", async () => {
    const commands = [{ command: { type: "RollbackPlan" }, afterMs: 3 * MINUTE + 1_000 }] as const;
    const run = await runPlan(definition, { ...WORDS, commands, tools: toolsThat({}) });
    const report = await reportOf(run);
    expect(report).toMatchObject({
      status: "rolled-back",
      percent: 0,
      takenBack: [{ step: "a_merge", state: "taken back" }],
    });
    expect(report.changes[0]?.state).toBe("taken back");
  });
});
