import { readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { execute, ROOT, type Ran, type RunOptions } from "../e2e/command.ts";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { temporaryFolder } from "../store/folder.ts";
import { chaos } from "./chaos.ts";
import type { ChaosRecord } from "./record.ts";
import { lineOf, reportOf } from "./report.ts";

// A short run of `npm run chaos`: real processes over a real nats-server and the stand-in for a log on a server. With this seed a
// coordinator is killed, then nats-server and an executor at once, then an executor.

const RUN = path.join(ROOT, "test", "chaos", "run.ts");
const SEED = 33;
const SLOW_TEST_MS = 180_000;
/** How long something shows depends on what else the machine does; the command judges it, this test does not. */
const TIMES = / within 5 s$/;

requireServer("nats", hasNats)("coordinators and executors that are killed at random", () => {
  it("lose nothing, and record nothing twice", { timeout: SLOW_TEST_MS }, async () => {
    const never = new AbortController().signal;
    const lines: string[] = [];
    const record = await chaos({
      ...{ seed: SEED, durationMs: 36_000, warmUpMs: 8_000, rate: 3 },
      ...{ coordinators: 3, executors: 4, slots: 4, stop: never, signal: never },
      onProgress: (line) => lines.push(line),
    });
    const judged = record.claims.filter(({ claim }) => !TIMES.test(claim));
    expect(judged.filter(({ holds }) => !holds)).toEqual([]);
    expect(judged).toHaveLength(8);
    expect(record.faults.map(({ kind, name }) => `${name.replace(/-\d$/, "")} ${kind}`)).toEqual(
      expect.arrayContaining(["coordinator kill", "nats-server nats", "executor kill"]),
    );
    // Everybody once, and who was killed again.
    expect(record.processes).toBeGreaterThan(7);
    expect(record.plans).toBeGreaterThan(50);
    expect(record.effects).toBeGreaterThan(100);
    expect(record.connections.map(({ facts }) => facts)).toEqual([record.facts, record.facts]);
    expect(lines.join("\n")).toMatch(/steps\/s/);
    const ran = { record, command: "--minutes 0.6", log: "a stand-in", tookMs: 36_000, isInterrupted: false };
    expect(lineOf(ran)).toMatch(/^0\.6 minutes, \d+ plans, \d+ facts, \d+ faults; \d+ claims hold, \d+ do not$/);
    expect(reportOf(ran)).toContain("| executor: kill ");
  });

  it(
    "are judged all the same when the command is interrupted, and leave nothing",
    { timeout: SLOW_TEST_MS },
    async () => {
      await using folder = await temporaryFolder();
      let isTold = false;
      const ran = await typed(["--seed", "33", "--rate", "2", "--coordinators", "2", "--executors", "1", "--json"], {
        env: { TMPDIR: folder.path, PLANWRIGHT_KURRENTDB_URL: "" },
        onStderr: (text, child) => {
          if (isTold || !text.includes("steps/s")) return;
          isTold = true;
          child.kill("SIGINT");
        },
      });
      expect(ran, ran.stderr).toMatchObject({ code: 130 });
      const record = JSON.parse(ran.stdout) as ChaosRecord;
      expect(record.claims.filter(({ claim, holds }) => !holds && !TIMES.test(claim))).toEqual([]);
      expect(record.faults).toEqual([]);
      expect(record.plans).toBeGreaterThan(5);
      expect(readdirSync(folder.path).filter((name) => name !== "node-compile-cache")).toEqual([]);
    },
  );
});

describe("npm run chaos", () => {
  it("explains itself, and refuses what it does not know", async () => {
    expect(await typed(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit codes") as string });
    for (const wrong of [
      ["--minutes", "soon"],
      ["--minutes", "0.1"],
      ["--coordinators", "0"],
      ["--seed", "1.5"],
      ["--mintues", "1"],
    ]) {
      expect(await typed(wrong), wrong.join(" ")).toMatchObject({ code: 2, stdout: "" });
    }
  });
});

function typed(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Ran> {
  return execute([process.execPath, RUN, ...args], { cwd: ROOT, ...options });
}
