import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { gitDiff } from "#src/tools/builtin/git-diff.ts";
import { gitLog } from "#src/tools/builtin/git-log.ts";
import { gitStatus } from "#src/tools/builtin/git-status.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

/** A git that knows nothing of this machine's configuration. */
function gitIn(root: string) {
  const identity = {
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  };
  const env = {
    ...{ PATH: process.env["PATH"], HOME: root, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    ...identity,
    ...{ GIT_COMMITTER_NAME: "Bob", GIT_COMMITTER_EMAIL: "bob@example.org" },
  };
  return (...args: string[]) => execFileSync("git", args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
}

async function repository() {
  const root = await temporaryDirectory();
  const git = gitIn(root);
  git("init", "-q", "-b", "main");
  await writeFile(path.join(root, "a b.txt"), "one\ntwo\nthree\nfour\n");
  git("add", ".");
  git("commit", "-q", "-m", "first\n\nwith a body\nof two lines");
  git("tag", "v1");
  git("mv", "a b.txt", "ä\tnew.txt");
  await writeFile(path.join(root, "data.bin"), Buffer.from([0, 1, 2]));
  git("add", ".");
  git("commit", "-q", "-m", "second");
  return { root, git };
}

describe("git.log", () => {
  it("lists commits newest first with their fields", async () => {
    const { root } = await repository();
    const commits = await outputOf(gitLog, {}, { root });
    expect(commits).toMatchObject([
      { subject: "second", body: "" },
      { subject: "first", body: "with a body\nof two lines", author: "Ada", email: "ada@example.org", parents: [] },
    ]);
    const [second, first] = commits as { hash: string; parents: string[]; date: string }[];
    expect(second?.parents).toEqual([first?.hash]);
    expect(new Date(first?.date ?? "")).toEqual(new Date("2026-01-02T03:04:05Z"));
  });

  it("keeps to a range, to paths and to a limit", async () => {
    const { root } = await repository();
    const subjects = async (args: object) =>
      ((await outputOf(gitLog, args, { root })) as { subject: string }[]).map(({ subject }) => subject);
    expect(await subjects({ range: "v1..HEAD" })).toEqual(["second"]);
    expect(await subjects({ range: "v1" })).toEqual(["first"]);
    expect(await subjects({ paths: ["data.bin"] })).toEqual(["second"]);
    expect(await subjects({ limit: 1 })).toEqual(["second"]);
    expect(await subjects({ paths: ["*.bin"] })).toEqual([]);
  });

  it("is empty before the first commit", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    expect(await outputOf(gitLog, {}, { root })).toEqual([]);
    await expect(outputOf(gitLog, { range: "HEAD" }, { root })).rejects.toThrow("not-found unknown-revision");
  });

  it.each([["--output=evil"], ["-n1"], ["a b"], ["v1\nHEAD"], [""]])("never takes %j for a revision", async (range) => {
    const { root } = await repository();
    await expect(outputOf(gitLog, { range }, { root })).rejects.toThrow("validation invalid-arguments");
    expect(await readdir(root)).not.toContain("evil");
  });

  it("takes a path that looks like an option for a path", async () => {
    const { root } = await repository();
    expect(await outputOf(gitLog, { paths: ["--output=evil"] }, { root })).toEqual([]);
    expect(await readdir(root)).not.toContain("evil");
  });

  it("names an unknown revision", async () => {
    const { root } = await repository();
    await expect(outputOf(gitLog, { range: "v9..HEAD" }, { root })).rejects.toThrow(/unknown-revision: git: .*v9/);
  });
});

describe("a repository", () => {
  it("is not found above the root", async () => {
    const { root } = await repository();
    const inner = path.join(root, "inner");
    await mkdir(inner);
    await expect(outputOf(gitLog, {}, { root: inner })).rejects.toThrow("not-found not-a-repository");
    expect(await outputOf(gitLog, { root: "inner" }, { root })).toHaveLength(2);
  });

  it("is refused when its git directory is outside the root", async () => {
    const { root } = await repository();
    const inner = path.join(root, "inner");
    await mkdir(inner);
    await writeFile(path.join(inner, ".git"), "gitdir: ../.git\n");
    await expect(outputOf(gitStatus, {}, { root: inner })).rejects.toThrow("permission outside-root");
  });

  it("runs no program that its configuration names", async () => {
    const { root, git } = await repository();
    const trap = path.join(root, "trap.sh");
    await writeFile(trap, `#!/bin/sh\ntouch '${root}/sprung'\n`);
    await chmod(trap, 0o755);
    await writeFile(path.join(root, ".gitattributes"), "*.txt diff=trap\n");
    for (const name of ["core.fsmonitor", "core.pager", "diff.external", "diff.trap.textconv", "diff.trap.command"]) {
      git("config", name, trap);
    }
    await writeFile(path.join(root, "ä\tnew.txt"), "changed\n");
    await outputOf(gitLog, {}, { root });
    await outputOf(gitStatus, {}, { root });
    await outputOf(gitDiff, { patch: true }, { root });
    expect(await readdir(root)).not.toContain("sprung");
  });
});

describe("git.diff", () => {
  it("tells added, renamed and binary files apart, whatever their names", async () => {
    const { root } = await repository();
    expect(await outputOf(gitDiff, { range: "v1..HEAD" }, { root })).toEqual({
      files: [
        { path: "data.bin", from: null, status: "added", additions: 0, deletions: 0, binary: true },
        { path: "ä\tnew.txt", from: "a b.txt", status: "renamed", additions: 0, deletions: 0, binary: false },
      ],
      patch: null,
    });
  });

  it("compares working tree and index, staged or not, with the patch on demand", async () => {
    const { root, git } = await repository();
    const none = { files: [], patch: null };
    expect(await outputOf(gitDiff, {}, { root })).toEqual(none);
    await writeFile(path.join(root, "ä\tnew.txt"), "one\ntwo\nthree\n4\n5\n");
    const files = [{ path: "ä\tnew.txt", from: null, status: "modified", additions: 2, deletions: 1, binary: false }];
    const { patch, ...rest } = (await outputOf(gitDiff, { patch: true }, { root })) as { patch: string };
    expect(rest).toEqual({ files });
    expect(patch).toContain("-four\n+4\n+5\n");
    git("add", ".");
    expect(await outputOf(gitDiff, {}, { root })).toEqual(none);
    expect(await outputOf(gitDiff, { staged: true }, { root })).toEqual({ files, patch: null });
  });
});

describe("git.status", () => {
  it("is clean after a commit and names branch and commit", async () => {
    const { root } = await repository();
    const status = await outputOf(gitStatus, {}, { root });
    expect(status).toMatchObject({ branch: "main", upstream: null, ahead: 0, behind: 0, clean: true, entries: [] });
    expect(status).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  });

  it("names what changed, was renamed, conflicts and is new", async () => {
    const { root, git } = await repository();
    await writeFile(path.join(root, "data.bin"), "text");
    await rename(path.join(root, "ä\tnew.txt"), path.join(root, "c d.txt"));
    git("add", "-A", "--", "c d.txt", "ä\tnew.txt");
    await mkdir(path.join(root, "new"));
    await writeFile(path.join(root, "new", "file with space"), "");
    const { entries } = (await outputOf(gitStatus, {}, { root })) as { entries: unknown[] };
    expect(entries).toEqual([
      { path: "c d.txt", from: "ä\tnew.txt", kind: "renamed", index: "R", worktree: "." },
      { path: "data.bin", from: null, kind: "changed", index: ".", worktree: "M" },
      { path: "new/file with space", from: null, kind: "untracked", index: "?", worktree: "?" },
    ]);
  });

  it("names a conflict, and a head without branch", async () => {
    const { root, git } = await repository();
    git("checkout", "-q", "-b", "other", "v1");
    await writeFile(path.join(root, "data.bin"), "other");
    git("add", ".");
    git("commit", "-q", "-m", "other");
    expect(() => git("merge", "main")).toThrow();
    expect(await outputOf(gitStatus, { untracked: false }, { root })).toMatchObject({
      entries: expect.arrayContaining([{ path: "data.bin", from: null, kind: "unmerged", index: "A", worktree: "A" }]),
    });
    git("merge", "--abort");
    git("checkout", "-q", "--detach");
    expect(await outputOf(gitStatus, {}, { root })).toMatchObject({ branch: null });
  });
});
