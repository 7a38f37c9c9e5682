import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openReader } from "#src/compose.ts";
import { requireServer } from "../require.ts";
import { canMount, mountDisk } from "./small-disk.ts";
import { BAD_TOOLS, expectHealthy, usedWorkplace } from "./workplace.ts";

// The disk of the store fills up in the middle of a run: nothing is acknowledged that is not on it, the run waits, and goes
// on when there is space again. The disk is a small one in memory.

const DISK_BYTES = 3 * 1024 * 1024;
const BALLAST_BYTES = 1024 * 1024;
const STEPS = 60;
const SLOW_TEST_MS = 60_000;

const isMountable = await canMount();

requireServer("tmpfs", isMountable)("a full disk in the middle of a run", () => {
  it("stops acknowledging, and the plan goes on after space is back", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await usedWorkplace();
    using disk = mountDisk(path.join(place.path, "disk"), DISK_BYTES);
    const store = path.join(disk?.path ?? "", "store");
    const ballast = path.join(disk?.path ?? "", "ballast");
    writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
    await place.write("big.yaml", chainOf(STEPS));
    let isFreed = false;
    const ran = await place.runAs(
      {
        onStderr: (text) => {
          if (isFreed || !text.includes("the store takes nothing for now")) return;
          isFreed = true;
          rmSync(ballast);
        },
      },
      ...["run", "big.yaml", "--tools", BAD_TOOLS, "--store", store, "--plain"],
    );
    expect(isFreed, ran.stderr.slice(-2_000)).toBe(true);
    expect(ran.stderr).toMatch(
      /store takes nothing for now, and nothing is acknowledged: .*[\s\S]*the store takes facts again/,
    );
    expect(ran, ran.stderr.slice(-2_000)).toMatchObject({ code: 0, stdout: "all there\n" });
    await using reader = await openReader({ store });
    expect((await reader.verify()).damages).toEqual([]);
    const [plan] = await reader.plans.list({ limit: 1 });
    expect(plan).toMatchObject({ status: "succeeded", steps: STEPS });
    await expectHealthy(place);
  });
});

describe("a chain of steps", () => {
  it("is larger than the disk with its ballast, and smaller than without", () => {
    const bytes = STEPS * 20_000;
    expect(bytes).toBeGreaterThan((DISK_BYTES - BALLAST_BYTES) / 2);
    expect(bytes).toBeLessThan(DISK_BYTES);
  });
});

function chainOf(steps: number): string {
  const lines = Array.from({ length: steps }, (_, index) => {
    const needs = index === 0 ? "" : `, needs: [s${index - 1}]`;
    return `  s${index}: { tool: big.text${needs} }`;
  });
  return ["plan: big", "steps:", ...lines, "respond: all there", ""].join("\n");
}
