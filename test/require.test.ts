import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { requiredServers } from "./require.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "planwright-require-"));
const fixture = fileURLToPath(new URL("fixtures/require-server", import.meta.url));
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const totals = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

function runRequiring(servers: string) {
  const report = path.join(scratch, "report.json");
  const run = spawnSync(
    process.execPath,
    [vitest, "run", "--root", fixture, "--no-cache", "--reporter", "json", "--outputFile", report],
    { encoding: "utf8", env: { ...process.env, PLANWRIGHT_REQUIRE: servers } },
  );
  return { exitCode: run.status, ...totals.parse(JSON.parse(readFileSync(report, "utf8"))) };
}

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("a required server", () => {
  it("is read from a comma-separated list", () => {
    expect([...requiredServers(" nats, kurrent,,")]).toEqual(["nats", "kurrent"]);
    expect([...requiredServers(undefined)]).toEqual([]);
  });

  it("skips its claims where it is missing and not required", () => {
    expect(runRequiring("present")).toEqual({ exitCode: 0, numPassedTests: 1, numFailedTests: 0, numPendingTests: 1 });
  });

  it("fails the run where it is missing and required", () => {
    expect(runRequiring("present,absent")).toEqual({
      exitCode: 1,
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 0,
    });
  });
});
