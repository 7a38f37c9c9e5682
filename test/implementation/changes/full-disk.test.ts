import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { ChangeRecord } from "#src/implementation/changes/change-record.ts";
import { mergeChange, type Made } from "#src/implementation/changes/merging.ts";
import { openRepository, SYSTEM_REACH, type Reach } from "#src/implementation/changes/repository.ts";
import { takeBack, type TakenBack } from "#src/implementation/changes/taking-back.ts";
import { canMount, mountDisk } from "../../e2e/small-disk.ts";
import { requireServer } from "../../require.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { git, put, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { crashingReach } from "./crashing-reach.ts";
import { madeIn } from "./made-commit.ts";

// No room is left on the disk, at any operation that wants some, and on a small disk that is really full:
// the tree is as it was, or what is left to do is known.

const SLOW_TEST_MS = 120_000;
const DISK_BYTES = 8 * 1024 * 1024;
const MIB = 1024 * 1024;

async function merge(root: string, made: Made): Promise<ChangeRecord> {
  const context = contextOf({ root });
  return mergeChange(
    await openRepository(SYSTEM_REACH, context, "."),
    { name: { plan: "k", change: "x" }, made },
    context,
  );
}

async function revert(root: string, record: ChangeRecord, reach: Reach = SYSTEM_REACH): Promise<TakenBack> {
  const context = contextOf({ root });
  return takeBack(await openRepository(reach, context, "."), { name: { plan: "k", change: "x" }, record }, context);
}

/** Names of what is left beside files, and of what is left undone. */
function leftIn(root: string): readonly string[] {
  const beside = readdirSync(root, { recursive: true, encoding: "utf8" });
  return beside.filter((name) => /\.planwright-|journal-|index\.lock/u.test(name));
}

function someChange(worktree: string): void {
  put(worktree, { "a.txt": "x", "new/dir/b.txt": "y", "new/c.txt": "z" });
  rmSync(path.join(worktree, "old"), { recursive: true });
}

describe("a disk that fills up while a change is taken back", () => {
  it("leaves all as it was or goes on, at every operation that needs room", { timeout: SLOW_TEST_MS }, async () => {
    const root = repositoryIn(await temporaryDirectory(), { "a.txt": "a", "old/deep/o.txt": "o", "old/p.txt": "p" });
    const before = treeOf(root);
    const record = await merge(root, madeIn(root, someChange));
    const after = treeOf(root);
    let failures = 0;
    for (let at = 1; ; at += 4) {
      const reach = crashingReach(at, "full");
      const done = await revert(root, record, reach).catch((error: unknown) => error);
      if (!(done instanceof Error)) break;
      failures += 1;
      expect(done.message).toContain("ENOSPC");
      const found = treeOf(root);
      if (JSON.stringify(found) === JSON.stringify(after)) expect(leftIn(root)).toEqual([]);
      else expect(leftIn(root).some((name) => name.includes("journal-"))).toBe(true);
    }
    expect(failures).toBeGreaterThan(3);
    await revert(root, record);
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
    expect(leftIn(root)).toEqual([]);
  });
});

requireServer("tmpfs", await canMount())("a small disk that is really full", () => {
  it("loses nothing, and takes the change back when there is room again", { timeout: SLOW_TEST_MS }, async () => {
    const folder = await temporaryDirectory();
    using disk = mountDisk(path.join(folder, "disk"), DISK_BYTES);
    const root = path.join(disk?.path ?? "", "repository");
    mkdirSync(root);
    const files = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, Buffer.alloc(MIB / 2, name)]));
    repositoryIn(root, files);
    const before = treeOf(root);
    const record = await merge(
      root,
      madeIn(root, (worktree) => put(worktree, Object.fromEntries(Object.keys(files).map((name) => [name, "small"])))),
    );
    const after = treeOf(root);
    const ballast = path.join(disk?.path ?? "", "ballast");
    fill(ballast);
    await expect(revert(root, record)).rejects.toThrow(/ENOSPC|No space left|disk is full/u);
    expect(treeOf(root)).toEqual(after);
    expect(leftIn(root)).toEqual([]);
    rmSync(ballast);
    await revert(root, record);
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
    expect(git(root, "fsck", "--no-dangling")).toBe("");
  });
});

/** All but what a journal and a commit need: what does not fit are the files. */
function fill(file: string): void {
  const blocks: Buffer[] = [];
  try {
    for (;;) {
      blocks.push(Buffer.alloc(64 * 1024));
      writeFileSync(file, Buffer.concat(blocks));
    }
  } catch {
    writeFileSync(file, Buffer.concat(blocks.slice(0, -5)));
  }
}
