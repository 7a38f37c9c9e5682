import { chmodSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { mergeChange } from "#src/implementation/changes/merging.ts";
import { openRepository, SYSTEM_REACH } from "#src/implementation/changes/repository.ts";
import { takeBack } from "#src/implementation/changes/taking-back.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { put, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { madeIn } from "./made-commit.ts";

const FILES = 1_000;
/** The bar is 2 s, measured by `npm run bench -- implementation` on a machine that does nothing else. */
const BOUND_MS = 6_000;

it("a thousand changed files are taken back to the byte, in seconds", { timeout: 60_000 }, async () => {
  const names = Array.from({ length: FILES }, (_, number) => `folder${number % 40}/file${number}.txt`);
  const root = repositoryIn(
    await temporaryDirectory(),
    Object.fromEntries(names.map((name) => [name, `before ${name}\n`])),
  );
  chmodSync(path.join(root, "folder1/file1.txt"), 0o600);
  const before = treeOf(root);
  const context = contextOf({ root });
  const name = { plan: "k", change: "x" };
  const made = madeIn(root, (worktree) =>
    put(worktree, Object.fromEntries(names.map((one) => [one, `after ${one}\n`]))),
  );
  const repository = await openRepository(SYSTEM_REACH, context, ".");
  const record = await mergeChange(repository, { name, made }, context);
  const begun = performance.now();
  const done = await takeBack(repository, { name, record }, context);
  const tookMs = performance.now() - begun;
  expect(done.files).toHaveLength(FILES);
  expect(treeOf(root)).toEqual(before);
  expect(statusOf(root)).toBe("");
  expect(tookMs).toBeLessThan(BOUND_MS);
});
