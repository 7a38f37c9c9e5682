import { cpSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { ChangeRecord } from "#src/implementation/changes/change-record.ts";
import { mergeChange, type Made } from "#src/implementation/changes/merging.ts";
import { openRepository, SYSTEM_REACH, type Reach } from "#src/implementation/changes/repository.ts";
import { takeBack } from "#src/implementation/changes/taking-back.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { git, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { crashed } from "./crashing-reach.ts";
import { madeIn } from "./made-commit.ts";
import { randomChange, randomFiles } from "./random-change.ts";

// Random repositories, random changes, and a crash at any operation of the file system or of git. More seeds:
// `CRASH_POINT_SEEDS=200 npx vitest run …`.

const SEEDS = Number(process.env["CRASH_POINT_SEEDS"] ?? 6);
const FIRST = Number(process.env["CRASH_POINT_FIRST"] ?? 1);
const SLOW_TEST_MS = 120_000;
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST + index);

interface Merged {
  readonly change: string;
  readonly record: ChangeRecord;
}

async function merge(
  root: string,
  ...[change, made, reach = SYSTEM_REACH]: readonly [string, Made, Reach?]
): Promise<ChangeRecord> {
  const context = contextOf({ root });
  return mergeChange(await openRepository(reach, context, "."), { name: { plan: "k", change }, made }, context);
}

async function revert(root: string, { change, record }: Merged, reach: Reach = SYSTEM_REACH): Promise<void> {
  const context = contextOf({ root });
  await takeBack(await openRepository(reach, context, "."), { name: { plan: "k", change }, record }, context);
}

/** Undefined where they do not go together. */
async function mergeable(root: string, change: string, made: Made): Promise<ChangeRecord | undefined> {
  return merge(root, change, made).catch((error: unknown) => {
    if (error instanceof ToolFailure && error.code === "merge-conflict") return undefined;
    throw error;
  });
}

async function plannedIn(random: SeededRandom): Promise<{ readonly root: string; readonly made: readonly Made[] }> {
  const root = repositoryIn(await temporaryDirectory());
  randomFiles(random, root);
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--allow-empty", "-m", "files");
  const made = [1, 2, 3].map(() => madeIn(root, (worktree) => randomChange(random, worktree)));
  return { root, made };
}

describe("crash points", () => {
  it.each(seeds)(
    "a merge that goes on after crashes ends as one without, and so does taking it back (seed %i)",
    { timeout: SLOW_TEST_MS },
    async (seed) => {
      const random = new SeededRandom(seed);
      const { root, made } = await plannedIn(random);
      const before = treeOf(root);
      const twin = path.join(await temporaryDirectory(), "twin");
      cpSync(root, twin, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      const merged: Merged[] = [];
      for (const [number, one] of made.entries()) {
        const change = `x${number}`;
        const calm = await mergeable(twin, change, one);
        if (calm === undefined) continue;
        await crashed(random, (reach) => merge(root, change, one, reach));
        merged.push({ change, record: await merge(root, change, one) });
        expect(treeOf(root)).toEqual(treeOf(twin));
        expect(statusOf(root)).toBe("");
        expect(git(root, "rev-parse", "HEAD^{tree}")).toBe(git(twin, "rev-parse", "HEAD^{tree}"));
      }
      for (const one of merged.toReversed()) {
        await crashed(random, (reach) => revert(root, one, reach));
        await revert(root, one);
        await revert(root, one);
      }
      expect(treeOf(root)).toEqual(before);
      expect(statusOf(root)).toBe("");
      expect(git(root, "fsck", "--no-dangling")).toBe("");
    },
  );

  it.each(seeds)(
    "what somebody has written after a crash is never overwritten, and the rest is whole (seed %i)",
    { timeout: SLOW_TEST_MS },
    async (seed) => {
      const random = new SeededRandom(seed, 1);
      const { root, made } = await plannedIn(random);
      const before = treeOf(root);
      const [first] = made;
      if (first === undefined) throw new Error("nothing was made");
      const merged = { change: "x", record: await merge(root, "x", first) };
      const after = treeOf(root);
      const theirs = merged.record.files.find(
        ({ before: was, after: is }) => was.kind === "file" && is.kind === "file",
      );
      if (theirs === undefined) return;
      await crashed(random, (reach) => revert(root, merged, reach), { crashes: 1 });
      const place = path.join(root, theirs.path);
      const isThere = lstatSync(place, { throwIfNoEntry: false })?.isFile() === true;
      if (!isThere) return;
      rmSync(place);
      writeFileSync(place, "somebody's");
      await expect(revert(root, merged)).rejects.toThrow(theirs.path);
      const without = (tree: readonly string[]) => tree.filter((line) => !line.startsWith(`${theirs.path} `));
      const found = treeOf(root);
      expect(found.filter((line) => line.startsWith(`${theirs.path} `))).toHaveLength(1);
      expect([without(after), without(before)]).toContainEqual(without(found));
      expect(readFileSync(place, "utf8")).toBe("somebody's");
    },
  );
});
