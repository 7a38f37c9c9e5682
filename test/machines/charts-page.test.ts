import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PLAN_STATES } from "#machines/plan-chart.ts";
import { STEP_STATES } from "#machines/step-chart.ts";

const SCRIPT = fileURLToPath(new URL("../../.config/scripts/charts.ts", import.meta.url));
const PAGE = fileURLToPath(new URL("../../machines/README.md", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "charts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the page of the charts", () => {
  it("shows the charts that run, with every state", () => {
    execFileSync(process.execPath, [SCRIPT, "--check"]);
    const [, plan = "", step = ""] = readFileSync(PAGE, "utf8").split("```mermaid");
    for (const state of PLAN_STATES) expect(plan).toMatch(new RegExp(`\\b${state}\\b`));
    for (const state of STEP_STATES) expect(step).toMatch(new RegExp(`\\b${state}\\b`));
  });

  it("is found stale where a drawing differs, left alone by the check, and drawn anew without it", () => {
    const copy = join(folder, "README.md");
    copyFileSync(PAGE, copy);
    const stale = readFileSync(copy, "utf8").replace("undrafted --> drafted: PlanDrafted\n", "");
    writeFileSync(copy, stale);
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, "--check", copy], { encoding: "utf8" });
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("does not show the charts"),
    });
    expect(readFileSync(copy, "utf8")).toBe(stale);
    execFileSync(process.execPath, [SCRIPT, copy]);
    expect(readFileSync(copy, "utf8")).toBe(readFileSync(PAGE, "utf8"));
  });

  it("without a place for a drawing is named", () => {
    const copy = join(folder, "README.md");
    writeFileSync(copy, "# nothing\n");
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, copy], { encoding: "utf8" });
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no place for the chart plan@1"),
    });
  });
});
