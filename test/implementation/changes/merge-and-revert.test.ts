import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { attemptId } from "#src/implementation/changes/change-names.ts";
import { changeRecord, type ChangeRecord } from "#src/implementation/changes/change-record.ts";
import { mergeTool, revertTool } from "#src/implementation/changes/merge-tools.ts";
import type { Made } from "#src/implementation/changes/merging.ts";
import { SYSTEM_REACH } from "#src/implementation/changes/repository.ts";
import { outputOf, temporaryDirectory } from "../../tools/context.ts";
import { commitAll, git, put, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { madeIn } from "./made-commit.ts";

// One change brought in and taken back, over real repositories: what it does to files, what it leaves alone,
// and what somebody else may have done in between.

const FILES = { "a.txt": "one\ntwo\nthree\n", "src/b.txt": "b\n", "src/deep/c.txt": "c\n" };

async function merged(root: string, made: Made, change = "x"): Promise<ChangeRecord> {
  const output = await outputOf(mergeTool(SYSTEM_REACH), { plan: "k", change, made }, { root });
  return z.object({ record: changeRecord }).parse(output).record;
}

function reverted(root: string, record: ChangeRecord | null, change?: string): Promise<unknown> {
  const named = change === undefined ? {} : { change };
  return outputOf(revertTool(SYSTEM_REACH), { plan: "k", record, ...named }, { root });
}

async function userRepository(files: Readonly<Record<string, string | Buffer>> = FILES): Promise<string> {
  return repositoryIn(await temporaryDirectory(), files);
}

describe("merging and taking back", () => {
  it("writes, deletes, moves, makes executable, links and makes directories, and takes all of it back to the byte", async () => {
    const root = await userRepository();
    chmodSync(path.join(root, "a.txt"), 0o664);
    chmodSync(path.join(root, "src/deep"), 0o750);
    const before = treeOf(root);
    const made = madeIn(root, (worktree) => {
      put(worktree, {
        "a.txt": "one\n2\nthree\n",
        "new/dir/with space\nand line": Buffer.from([0, 1, 2, 255]),
        "run.sh": "#!/bin/sh\n",
      });
      chmodSync(path.join(worktree, "run.sh"), 0o755);
      mkdirSync(path.join(worktree, "lib"));
      renameSync(path.join(worktree, "src/deep/c.txt"), path.join(worktree, "lib/c.txt"));
      symlinkSync("a.txt", path.join(worktree, "link"));
      chmodSync(path.join(worktree, "src/b.txt"), 0o755);
    });
    const record = await merged(root, made);
    expect(statusOf(root)).toBe("");
    expect(git(root, "rev-parse", "HEAD").trim()).toBe(made.commit);
    expect(treeOf(root)).toContain("link -> a.txt");
    expect(treeOf(root).some((line) => line.startsWith("src/deep"))).toBe(false);
    expect(treeOf(root).find((line) => line.startsWith("a.txt"))).toContain(" 664 ");
    await reverted(root, record);
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
    expect(git(root, "log", "--format=%s").trim().split("\n")).toEqual(["Revert x", "a change", "first"]);
  });

  it("turns a file into a directory, a directory into a file, and back", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    const made = madeIn(root, (worktree) => {
      unlinkSync(path.join(worktree, "a.txt"));
      put(worktree, { "a.txt/inner/file": "x" });
      rmSync(path.join(worktree, "src"), { recursive: true });
      put(worktree, { src: "a file by now" });
    });
    const record = await merged(root, made);
    expect(readFileSync(path.join(root, "src"), "utf8")).toBe("a file by now");
    expect(statusOf(root)).toBe("");
    await reverted(root, record);
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
  });

  it("gives the same record again, and takes back only once", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "other\n" }));
    const record = await merged(root, made);
    expect(await merged(root, made)).toEqual(record);
    expect(await reverted(root, record)).toMatchObject({ outcome: "taken-back", files: ["a.txt"] });
    expect(await reverted(root, record)).toMatchObject({ outcome: "nothing", files: [] });
    expect(treeOf(root)).toEqual(before);
    expect(git(root, "rev-list", "--count", "HEAD").trim()).toBe("3");
  });

  it("goes on where git was killed as well and has left the lock of an index of ours, and leaves nothing of that", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "other\n" }));
    const place = path.join(root, ".git/planwright");
    const name = { plan: "k", change: "x" };
    const staging = `staging-${attemptId(name, made.base, made.commit)}`;
    put(place, { [`${staging}.index.lock`]: "", [`${staging}/a.txt`]: "half", "staging-0123456789ab/b.txt": "older" });
    const record = await merged(root, made);
    put(place, { [`revert-${attemptId(name, record.commit, "back")}.index.lock`]: "" });
    expect(await reverted(root, record)).toMatchObject({ outcome: "taken-back" });
    expect(treeOf(root)).toEqual(before);
    expect(readdirSync(place).filter((one) => /^(?:staging|revert)-/u.test(one))).toEqual([]);
  });

  it("accepts that nothing was merged, and finds what was where nobody has the record", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    expect(await reverted(root, null)).toMatchObject({ outcome: "nothing" });
    expect(await reverted(root, null, "x")).toMatchObject({ outcome: "nothing" });
    await merged(
      root,
      madeIn(root, (worktree) => put(worktree, { "a.txt": "other\n" })),
    );
    await expect(reverted(root, null)).rejects.toThrow("change-unnamed");
    expect(await reverted(root, null, "x")).toMatchObject({ outcome: "taken-back" });
    expect(treeOf(root)).toEqual(before);
  });

  it("merges onto what was committed meanwhile, and takes back only its own", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "1\ntwo\nthree\n" }));
    put(root, { "a.txt": "one\ntwo\n3\n", "other.txt": "o" });
    commitAll(root, "meanwhile");
    const before = treeOf(root);
    const record = await merged(root, made);
    expect(readFileSync(path.join(root, "a.txt"), "utf8")).toBe("1\ntwo\n3\n");
    expect(git(root, "log", "--format=%s").trim().split("\n")).toEqual(["a change", "meanwhile", "first"]);
    expect(statusOf(root)).toBe("");
    await reverted(root, record);
    expect(treeOf(root)).toEqual(before);
  });

  it("names both sides and the base of a conflict, and touches nothing", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "one\n2\nthree\n" }));
    put(root, { "a.txt": "one\nzwei\nthree\n" });
    commitAll(root, "meanwhile");
    const before = treeOf(root);
    await expect(merged(root, made)).rejects.toThrow(
      "conflict merge-conflict: x and what was changed meanwhile do not go together in a.txt",
    );
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
  });

  it("never overwrites what is not committed, nor what is in the way", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n", "new.txt": "x\n" }));
    put(root, { "a.txt": "mine\n" });
    await expect(merged(root, made)).rejects.toThrow("conflict dirty-tree: a.txt");
    git(root, "checkout", "--quiet", "a.txt");
    put(root, { "new.txt": "mine\n" });
    await expect(merged(root, made)).rejects.toThrow("conflict dirty-tree: new.txt");
    expect(readFileSync(path.join(root, "new.txt"), "utf8")).toBe("mine\n");
    rmSync(path.join(root, "new.txt"));
    put(root, { unrelated: "mine\n", "src/b.txt": "mine as well\n" });
    await merged(root, made);
    expect(statusOf(root)).toBe(" M src/b.txt\n?? unrelated\n");
  });

  it("takes nothing back where somebody has changed one of the files since, and says what both versions are", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n", "src/b.txt": "y\n" }));
    const record = await merged(root, made);
    put(root, { "a.txt": "somebody's\n" });
    const between = treeOf(root);
    await expect(reverted(root, record)).rejects.toThrow("conflict changed-since: somebody has changed a.txt");
    expect(treeOf(root)).toEqual(between);
    const kept = path.join(root, ".git/planwright/kept/k/x");
    expect(readFileSync(path.join(kept, "before/a.txt"), "utf8")).toBe(FILES["a.txt"]);
    expect(readFileSync(path.join(kept, "report.json"), "utf8")).toContain('"found": "0644 ');
    put(root, { "a.txt": "x\n" });
    await reverted(root, record);
    expect(readFileSync(path.join(root, "a.txt"), "utf8")).toBe(FILES["a.txt"]);
    expect(statusOf(root)).toBe("");
  });

  it("a mode, a link or a directory in the place of a file is somebody's as well", async () => {
    const root = await userRepository();
    const record = await merged(
      root,
      madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n" })),
    );
    const file = path.join(root, "a.txt");
    chmodSync(file, 0o600);
    await expect(reverted(root, record)).rejects.toThrow("changed-since");
    unlinkSync(file);
    symlinkSync("src/b.txt", file);
    await expect(reverted(root, record)).rejects.toThrow("changed-since");
    unlinkSync(file);
    mkdirSync(file);
    await expect(reverted(root, record)).rejects.toThrow("is now a directory");
  });

  it("does not write through a link that somebody has put in the place of a directory", async () => {
    const root = await userRepository();
    const outside = await temporaryDirectory();
    put(outside, { "b.txt": "outside" });
    const record = await merged(
      root,
      madeIn(root, (worktree) => put(worktree, { "src/b.txt": "x\n" })),
    );
    renameSync(path.join(root, "src"), path.join(root, "src2"));
    symlinkSync(outside, path.join(root, "src"));
    await expect(reverted(root, record)).rejects.toThrow("src is a link");
    expect(readFileSync(path.join(outside, "b.txt"), "utf8")).toBe("outside");
  });

  it("leaves a directory of the change where somebody has put a file into it", async () => {
    const root = await userRepository();
    const record = await merged(
      root,
      madeIn(root, (worktree) => put(worktree, { "new/x.txt": "x\n" })),
    );
    put(root, { "new/mine.txt": "mine" });
    await reverted(root, record);
    expect(readFileSync(path.join(root, "new/mine.txt"), "utf8")).toBe("mine");
    expect(statusOf(root)).toBe("?? new/mine.txt\n");
  });

  it("keeps what the user has staged of other files", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n" }));
    put(root, { "src/b.txt": "staged\n" });
    git(root, "add", "src/b.txt");
    const record = await merged(root, made);
    expect(statusOf(root)).toBe("M  src/b.txt\n");
    await reverted(root, record);
    expect(statusOf(root)).toBe("M  src/b.txt\n");
  });

  it("puts back line ends as they lay there, whatever git keeps", async () => {
    const root = await userRepository({
      ".gitattributes": "*.txt text eol=crlf\n",
      "w.txt": "one\r\ntwo\r\n",
      "mixed.txt": "a\r\nb\n",
    });
    const before = treeOf(root);
    const made = madeIn(root, (worktree) => put(worktree, { "w.txt": "one\r\n2\r\n", "mixed.txt": "A\r\nb\r\n" }));
    const record = await merged(root, made);
    expect(readFileSync(path.join(root, "w.txt"), "utf8")).toBe("one\r\n2\r\n");
    expect(statusOf(root)).toBe("");
    git(root, "gc", "--quiet", "--prune=now");
    await reverted(root, record);
    expect(treeOf(root)).toEqual(before);
  });

  it("takes back in the tree alone where the branch has not got the change any more", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    const record = await merged(
      root,
      madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n" })),
    );
    git(root, "reset", "--quiet", "--soft", "HEAD~1");
    expect(await reverted(root, record)).toMatchObject({ outcome: "taken-back", commit: null });
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
  });

  it("does nothing in the middle of somebody's merge, and while another git has the index", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => put(worktree, { "a.txt": "x\n" }));
    const record = await merged(root, made);
    writeFileSync(path.join(root, ".git/MERGE_HEAD"), `${made.commit}\n`);
    await expect(reverted(root, record)).rejects.toThrow("conflict repository-busy");
  });

  it("refuses a submodule", async () => {
    const root = await userRepository();
    const made = madeIn(root, (worktree) => {
      git(worktree, "update-index", "--add", "--cacheinfo", `160000,${git(root, "rev-parse", "HEAD").trim()},sub`);
      mkdirSync(path.join(worktree, "sub"));
    });
    const head = git(root, "rev-parse", "HEAD");
    await expect(merged(root, made)).rejects.toThrow("validation submodule: sub");
    expect(git(root, "rev-parse", "HEAD")).toBe(head);
  });
});
