import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

// A rollback is killed at a moment that a seed chooses, and again while it goes on. In the end the directory is as it was,
// to the byte, and what was done was taken back in the reverse order, each once unless its attempt was lost.

const FILES = 12;
const SEEDS = [1, 2, 3, 4, 5, 6];
const SLOW_TEST_MS = 120_000;
const MAX_LATER_MS = 40;
const NAMES = Array.from({ length: FILES }, (_, index) => `f${index}`);

const STEPS = NAMES.map((name, index) => {
  const needs = index === 0 ? "" : `needs: [w${index - 1}], `;
  const text = `"ours ${name}"`;
  return `  b${index}: { tool: fs.snapshot, ${needs}with: { path: files/${name} } }
  w${index}: { tool: fs.write, needs: [b${index}], with: { path: files/${name}, text: ${text} }, undo: { tool: fs.restore, with: { before: "\${steps.b${index}.output}", text: ${text} } } }
`;
});
const PLAN = `plan: files\nsteps:\n${STEPS.join("")}`;

describe("a killed rollback", { concurrent: true, timeout: SLOW_TEST_MS }, () => {
  for (const seed of SEEDS) {
    it(`goes on with resume, and leaves everything as it was (seed ${seed})`, async () => {
      await using place = await workplace();
      const before = prepareFiles(place);
      await place.write("files.yaml", PLAN);
      const ran = await place.run("run", "files.yaml", "--plain");
      expect(ran.code, ran.stderr).toBe(0);
      expect(filesOf(place)).toEqual(Object.fromEntries(NAMES.map((name) => [name, `ours ${name}`])));

      await killed(place, ["rollback", "last", "--yes", "--plain"], 1 + ((seed * 5) % FILES));
      await killed(place, ["resume", "last", "--plain"], 1 + (seed % 3));
      const resumed = await place.run("resume", "last", "--plain");
      expect(resumed.code, resumed.stderr).toBe(resumed.stderr.includes("plan-ended") ? 2 : 1);

      const shown = JSON.parse((await place.run("show", "last", "--json")).stdout) as { status: string };
      expect(shown.status, resumed.stderr).toBe("rolled-back");
      expect(filesOf(place)).toEqual(before);
      expect(await undoneIn(place)).toEqual(NAMES.map((_, index) => `w${index}`).toReversed());
      await expectHealthy(place);
    });
  }
});

/** Some of the files are there before. */
function prepareFiles(place: Workplace): Readonly<Record<string, string>> {
  mkdirSync(path.join(place.path, "files"));
  for (const name of NAMES.filter((_, index) => index % 3 > 0)) {
    writeFileSync(path.join(place.path, "files", name), `theirs ${name}`);
  }
  return filesOf(place);
}

function filesOf(place: Workplace): Readonly<Record<string, string>> {
  const folder = path.join(place.path, "files");
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith(".tmp"))
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), "utf8")]),
  );
}

/** Kills the command after so many lines about undo calls, and a little later. */
async function killed(place: Workplace, args: readonly string[], lines: number): Promise<void> {
  let isAimed = false;
  await place.runAs(
    {
      onStderr: (text, child) => {
        if (isAimed || (text.match(/undo:/g) ?? []).length < lines) return;
        isAimed = true;
        setTimeout(() => child.kill("SIGKILL"), (lines * 17) % MAX_LATER_MS);
      },
    },
    ...args,
  );
}

/** The steps in the order in which they were first taken back. */
async function undoneIn(place: Workplace): Promise<readonly string[]> {
  const { stdout } = await place.run("history", "last", "--json");
  const { events } = JSON.parse(stdout) as { events: readonly { type: string; data: { undoes?: string } }[] };
  return [...new Set(events.flatMap(({ type, data }) => (type === "StepDispatched" ? (data.undoes ?? []) : [])))];
}
