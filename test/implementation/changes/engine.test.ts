import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { PlanReport } from "#src/implementation/reporting/report.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { planwright, type Ran } from "../../e2e/command.ts";
import { temporaryDirectory } from "../../tools/context.ts";
import { commitAll, git, put, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { changePlan, type PlannedChange } from "./change-plan.ts";

// Plans of changes in the real program, killed where it hurts, and taken back by it.
// `KILL_SEED` chooses other moments.

const SLOW_TEST_MS = 300_000;
const TOOLS = fileURLToPath(import.meta.resolve("./change.tools.ts"));

interface Place {
  readonly folder: string;
  readonly root: string;
}

async function placeWith(changes: readonly PlannedChange[], files: Readonly<Record<string, string>>): Promise<Place> {
  const folder = await temporaryDirectory();
  const root = repositoryIn(path.join(folder, "repository"), files);
  writeFileSync(path.join(folder, "plan.json"), JSON.stringify(changePlan(changes)));
  return { folder, root };
}

function run({ folder }: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return planwright([...args, "--tools", TOOLS, "--root", "repository"], { cwd: folder, env });
}

async function reportOf({ folder }: Place): Promise<PlanReport> {
  return JSON.parse((await planwright(["report", "last", "--json"], { cwd: folder })).stdout) as PlanReport;
}

function append(line: string): { readonly do: "run"; readonly run: string[] } {
  return { do: "run", run: ["sh", "-c", `echo ${line} >> list.txt`] };
}

describe("a plan of changes", () => {
  it(
    "makes a change that does not go together anew, tries the alternative of one that fails, and is taken back to the byte",
    { timeout: SLOW_TEST_MS },
    async () => {
      const literal = "${not.an.expression} and $${neither}";
      const acceptance = { kind: "file", files: ["third.txt"] };
      const instead = { remedy: "other", files: ["**"], actions: [{ do: "write", path: "third.txt", text: literal }] };
      const place = await placeWith(
        [
          { id: "first", actions: [append("first")] },
          { id: "second", actions: [append("second")] },
          { id: "third", actions: [append("third")], more: { acceptance, alternatives: [instead] } },
          {
            id: "fourth",
            actions: [append("fourth"), { do: "delete", path: "old.txt" }],
            needs: ["first", "second", "third"],
          },
        ],
        { "list.txt": "begin\n", "old.txt": "old" },
      );
      const before = treeOf(place.root);
      const ran = await run(place, ["run", "plan.json", "--plain"]);
      expect(ran.stderr + ran.stdout).not.toContain("error");
      expect(ran.code).toBe(0);
      const lines = readFileSync(path.join(place.root, "list.txt"), "utf8").trim().split("\n");
      expect([...lines].sort()).toEqual(["begin", "first", "fourth", "second"]);
      expect(lines.at(-1)).toBe("fourth");
      expect(readFileSync(path.join(place.root, "third.txt"), "utf8")).toBe(literal);
      expect(statusOf(place.root)).toBe("");
      const shown = (await planwright(["show", "last"], { cwd: place.folder })).stdout;
      expect(shown).toMatch(/(?:first|second)_resolve/u);
      expect(shown).toContain("third_instead_merge");
      const report = await reportOf(place);
      expect(report).toMatchObject({ percent: 100, done: 4 });
      expect(report.calibration[0]).toMatchObject({ class: "all changes", changes: 4 });
      const anew = report.changes.find(({ steps }) => steps.some((step) => step.endsWith("_resolve")));
      expect(anew).toMatchObject({ state: "done", acceptance: { verdict: "met" } });
      expect(anew?.files).toMatchObject([{ path: "list.txt", before: expect.any(String), after: expect.any(String) }]);
      expect(git(place.root, "log", "--format=%H").split("\n")).toContain(anew?.commit);
      const part = await run(place, ["rollback", "last", "--from", "fourth_merge", "--yes", "--plain"]);
      expect(part.code, part.stderr + part.stdout).toBe(0);
      expect(readFileSync(path.join(place.root, "old.txt"), "utf8")).toBe("old");
      const back = await run(place, ["rollback", "last", "--yes", "--plain"]);
      expect(back.code, back.stderr + back.stdout).toBe(0);
      expect(treeOf(place.root)).toEqual(before);
      expect(statusOf(place.root)).toBe("");
    },
  );

  it(
    "leaves a file that somebody has changed since, says so, and goes on when it is put right",
    { timeout: SLOW_TEST_MS },
    async () => {
      const place = await placeWith(
        [
          { id: "first", actions: [{ do: "write", path: "a.txt", text: "first" }] },
          { id: "second", actions: [{ do: "write", path: "b.txt", text: "second" }], needs: ["first"] },
        ],
        { "a.txt": "a", "b.txt": "b" },
      );
      const before = treeOf(place.root);
      expect((await run(place, ["run", "plan.json", "--plain"])).code).toBe(0);
      put(place.root, { "a.txt": "somebody's" });
      const back = await run(place, ["rollback", "last", "--yes", "--plain"]);
      expect(back.code).not.toBe(0);
      expect(back.stdout + back.stderr).toContain("somebody has changed a.txt");
      expect(readFileSync(path.join(place.root, "a.txt"), "utf8")).toBe("somebody's");
      expect(readFileSync(path.join(place.root, "b.txt"), "utf8")).toBe("b");
      put(place.root, { "a.txt": "first" });
      const again = await run(place, ["rollback", "last", "--yes", "--plain"]);
      expect(again.code, again.stderr).toBe(0);
      expect(treeOf(place.root)).toEqual(before);
    },
  );

  it(
    "killed in the middle of making, merging and taking back, it ends as one that was not",
    { timeout: SLOW_TEST_MS },
    async () => {
      const random = new SeededRandom(Number(process.env["KILL_SEED"] ?? 1));
      const changes = [
        {
          id: "first",
          actions: [{ do: "write", path: "new/a.sh", text: "#!/bin/sh\n", executable: true }, append("first")],
        },
        {
          id: "second",
          actions: [
            { do: "move", from: "old.txt", to: "lib/old name.txt" },
            { do: "run", run: ["ln", "-s", "list.txt", "link"] },
          ],
          needs: ["first"],
        },
        { id: "third", actions: [append("third"), { do: "delete", path: "gone/x.txt" }], needs: ["second"] },
      ];
      const files = { "list.txt": "begin\n", "old.txt": "old", "gone/x.txt": "x" };
      const [place, calm] = [await placeWith(changes, files), await placeWith(changes, files)];
      const before = treeOf(place.root);
      expect((await run(calm, ["run", "plan.json", "--plain"])).code).toBe(0);
      const killAt = () => ({ KILL_AT: String(random.int(5, 220)) });
      let ran = await run(place, ["run", "plan.json", "--plain"], killAt());
      for (let kills = 0; ran.signal === "SIGKILL" && kills < 4; kills++)
        ran = await run(place, ["resume", "--plain"], killAt());
      if (ran.code !== 0) ran = await run(place, ["resume", "--plain"]);
      expect(ran.code, ran.stderr + ran.stdout).toBe(0);
      expect(treeOf(place.root)).toEqual(treeOf(calm.root));
      expect(statusOf(place.root)).toBe("");
      let back = await run(place, ["rollback", "last", "--yes", "--plain"], killAt());
      for (let kills = 0; back.signal === "SIGKILL" && kills < 3; kills++)
        back = await run(place, ["resume", "--plain"], killAt());
      if (back.signal === "SIGKILL") await run(place, ["resume", "--plain"]);
      expect(treeOf(place.root)).toEqual(before);
      expect(statusOf(place.root)).toBe("");
      commitAll(place.root);
      expect(git(place.root, "fsck", "--no-dangling")).toBe("");
    },
  );
});
