import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { planwright } from "../../e2e/command.ts";
import { temporaryDirectory } from "../../tools/context.ts";
import { repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { changePlan } from "./change-plan.ts";

// Parts of a plan of changes are taken back by the real program: one change with all that needs it, all but what another stands on, all.

const SLOW_TEST_MS = 300_000;
const TOOLS = fileURLToPath(import.meta.resolve("./change.tools.ts"));

it(
  "takes back one change with what needs it, then all but what another one needs, then all, and then nothing",
  { timeout: SLOW_TEST_MS },
  async () => {
    const folder = await temporaryDirectory();
    const root = repositoryIn(path.join(folder, "repository"), { "old.txt": "old" });
    const before = treeOf(root);
    const change = (id: string, needs: readonly string[] = []) => ({
      ...{ id, needs },
      actions: [{ do: "write", path: `${id}.txt`, text: id }],
    });
    const changes = [change("first"), change("second", ["first"]), change("third", ["second"]), change("apart")];
    writeFileSync(path.join(folder, "plan.json"), JSON.stringify(changePlan(changes)));
    const run = (...args: readonly string[]) =>
      planwright([...args, "--tools", TOOLS, "--root", "repository"], { cwd: folder });
    const left = () => changes.map(({ id }) => id).filter((id) => existsSync(path.join(root, `${id}.txt`)));
    const back = (...part: readonly string[]) => run("rollback", "last", ...part, "--yes", "--plain");

    expect((await run("run", "plan.json", "--plain")).code).toBe(0);
    expect(left()).toEqual(["first", "second", "third", "apart"]);
    const nobody = await back("--from", "nowhere");
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("unknown-step")]);
    const one = await back("--from", "second");
    expect(one.code, one.stderr).toBe(0);
    expect(one.stderr).toMatch(/third_merge[\s\S]*second_merge/u);
    expect(left()).toEqual(["first", "apart"]);
    const again = await back("--from", "second");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing is there to take back")]);
    const all = await back("--to", "first_merge");
    expect(all.code, all.stderr).toBe(0);
    expect(left()).toEqual(["first"]);
    expect((await back()).code).toBe(0);
    expect(treeOf(root)).toEqual(before);
    const twice = await back();
    expect([twice.code, twice.stderr]).toEqual([0, expect.stringContaining("nothing is there to take back")]);
    expect([treeOf(root), statusOf(root)]).toEqual([before, ""]);
  },
);
