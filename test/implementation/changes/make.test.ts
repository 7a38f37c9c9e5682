import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { changeTools } from "#src/implementation/changes/change-tools.ts";
import { outputOf, temporaryDirectory } from "../../tools/context.ts";
import { commitAll, git, put, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { changeOf } from "./some-change.ts";
import { askedChecks } from "./asked-checks.ts";

// Changes made in worktrees of a real repository, and what stops them: paths, programs, checks, limits.
// Nothing of it is seen in the tree of the user.

const tools = new Map(changeTools(askedChecks).map((tool) => [tool.name, tool]));
const YES = { kind: "command", run: ["true"] };
const made = z.looseObject({ commit: z.string(), base: z.string(), files: z.array(z.string()), patch: z.string() });

async function call(name: string, root: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return outputOf(tool, { plan: "k", ...args }, { root });
}

async function make(root: string, actions: readonly Json[], more: JsonObject = {}) {
  return made.parse(await call("change.make", root, { change: changeOf(actions, more) }));
}

const FILES = { "a.txt": "one\ntwo\none\n", "src/b.txt": "b\n", ".gitignore": "node_modules\n*.log\n" };

async function userRepository(): Promise<string> {
  return repositoryIn(await temporaryDirectory(), FILES);
}

describe("making a change", () => {
  it("does all actions away from the user's tree, commits them and leaves no worktree", async () => {
    const root = await userRepository();
    const before = treeOf(root);
    const patch = "--- a/src/b.txt\n+++ b/src/b.txt\n@@ -1 +1,2 @@\n b\n+c\n";
    const result = await make(root, [
      { do: "write", path: "new/file.sh", text: "#!/bin/sh\n", executable: true },
      { do: "write", path: "bytes", text: "AAH/", encoding: "base64" },
      { do: "edit", path: "a.txt", find: "one\n", replace: "1\n", all: true },
      { do: "patch", patch },
      { do: "move", from: "src/b.txt", to: "lib/b.txt" },
      { do: "commit", message: "first half" },
      { do: "delete", path: "bytes" },
      { do: "run", run: ["sh", "-c", "echo ran > ran.txt"] },
      { do: "test", run: ["grep", "-q", "1", "a.txt"] },
    ]);
    expect(result.files).toEqual(["a.txt", "lib/b.txt", "new/file.sh", "ran.txt", "src/b.txt"]);
    expect(result.patch).toContain("+++ b/lib/b.txt");
    expect(git(root, "show", `${result.commit}:a.txt`)).toBe("1\ntwo\n1\n");
    expect(git(root, "show", `${result.commit}:lib/b.txt`)).toBe("b\nc\n");
    expect(git(root, "log", "--format=%s", result.commit).trim().split("\n")).toEqual([
      "a change",
      "first half",
      "first",
    ]);
    expect(git(root, "ls-tree", result.commit, "new/file.sh")).toContain("100755");
    expect(git(root, "rev-parse", "refs/planwright/k/x").trim()).toBe(result.commit);
    expect(treeOf(root)).toEqual(before);
    expect(statusOf(root)).toBe("");
    expect(git(root, "worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(readdirSync(path.join(root, ".git/planwright/worktrees/k"))).toEqual([]);
  });

  it("stops what touches files that it does not declare, whatever touched them", async () => {
    const root = await userRepository();
    const only = { files: ["src/**", "!src/secret/**"] };
    await expect(make(root, [{ do: "run", run: ["sh", "-c", "echo x >> a.txt"] }], only)).rejects.toThrow(
      "permission undeclared-files: x touched files that it does not declare: a.txt",
    );
    await expect(make(root, [{ do: "write", path: "src/secret/x", text: "x" }], only)).rejects.toThrow(
      "undeclared-files",
    );
    await expect(make(root, [{ do: "run", run: ["git", "mv", "a.txt", "src/a.txt"] }], only)).rejects.toThrow("a.txt");
    const commits = ["sh", "-c", "echo x >> a.txt; git -c user.name=x -c user.email=x commit -qam x"];
    await expect(make(root, [{ do: "run", run: commits }], only)).rejects.toThrow("undeclared-files");
    await expect(make(root, [{ do: "run", run: ["touch", "a.txt"] }], only)).resolves.toMatchObject({ files: [] });
  });

  it("an exact edit says how many matches there are", async () => {
    const root = await userRepository();
    const edit = (find: string) => make(root, [{ do: "edit", path: "a.txt", find, replace: "x" }]);
    await expect(edit("three")).rejects.toThrow(
      "conflict edit-not-found: a.txt: what is to be replaced does not stand there (0 matches)",
    );
    await expect(edit("one")).rejects.toThrow(
      "validation edit-ambiguous: a.txt: what is to be replaced stands there 2 times",
    );
    await expect(edit("one\r\ntwo")).rejects.toThrow("it does with other line ends");
    await expect(edit("two")).resolves.toMatchObject({ files: ["a.txt"] });
  });

  it.each([
    ["../outside", "outside-worktree"],
    ["/etc/passwd", "outside-worktree"],
    ["a/../../outside", "outside-worktree"],
    [".git", "outside-worktree"],
    [".GIT/config", "outside-worktree"],
    ["sub/.git/hooks/x", "outside-worktree"],
    ["out/x", "outside-root"],
    ["x.log", "ignored-file"],
    ["node_modules/x.js", "ignored-file"],
    ["module/x", "submodule"],
  ])("refuses the path %s", async (name, code) => {
    const root = await userRepository();
    const elsewhere = await temporaryDirectory();
    symlinkSync(elsewhere, path.join(root, "out"));
    git(root, "add", "out");
    git(root, "update-index", "--add", "--cacheinfo", `160000,${git(root, "rev-parse", "HEAD").trim()},module`);
    git(root, "commit", "--quiet", "-m", "links");
    await expect(make(root, [{ do: "write", path: name, text: "x" }])).rejects.toThrow(code);
    if (code !== "ignored-file") await expect(make(root, [{ do: "delete", path: name }])).rejects.toThrow();
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("refuses links that lead out, patches that leave the worktree, and what is too much", async () => {
    const root = await userRepository();
    const link = (target: string) => make(root, [{ do: "run", run: ["ln", "-s", target, "l"] }]);
    await expect(link("/etc/passwd")).rejects.toThrow("permission link-leads-out");
    await expect(link("../../x")).rejects.toThrow("link-leads-out");
    await expect(link(".git/config")).rejects.toThrow("link-leads-out");
    await expect(link("src/b.txt")).resolves.toMatchObject({ files: ["l"] });
    const patch = (name: string) => `--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+x\n`;
    await expect(make(root, [{ do: "patch", patch: patch("../x") }])).rejects.toThrow("patch-does-not-apply");
    await expect(make(root, [{ do: "patch", patch: patch("x.log") }])).rejects.toThrow("ignored-file");
    await expect(make(root, [{ do: "patch", patch: "nonsense" }])).rejects.toThrow("patch-does-not-apply");
    const large = [{ do: "write", path: "x", text: "x".repeat(2000) }];
    await expect(make(root, large, { workplace: { maxBytes: 1000 } })).rejects.toThrow(
      "resource-exhausted change-too-large",
    );
    await expect(
      make(root, [...large, { do: "write", path: "y", text: "y" }], { workplace: { maxFiles: 1 } }),
    ).rejects.toThrow("change-too-large");
  });

  it("a program that fails, is missing or does not end stops the change", async () => {
    const root = await userRepository();
    const run = (...line: readonly string[]) => make(root, [{ do: "run", run: line, timeoutMs: 300 }]);
    await expect(run("sh", "-c", "echo why >&2; exit 3")).rejects.toThrow(
      "validation action-failed: action 1 (run): sh -c echo why >&2; exit 3 exited with 3: why",
    );
    await expect(run("no-such-program")).rejects.toThrow("not-found program-missing");
    await expect(run("sleep", "30")).rejects.toThrow("timeout process-timeout");
    expect(git(root, "worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  it("the acceptance check decides, in the worktree", async () => {
    const root = await userRepository();
    const acceptance = { kind: "file", files: ["done.txt"] };
    await expect(make(root, [{ do: "write", path: "x", text: "" }], { acceptance })).rejects.toThrow(
      "validation acceptance-failed: x: its acceptance check says that it is not done: it is not so",
    );
    await expect(make(root, [{ do: "write", path: "done.txt", text: "" }], { acceptance })).resolves.toMatchObject({
      acceptance: { verdict: "met" },
    });
  });

  it("links ignored folders in, sets up, and shows programs only what is allowed of the environment", async () => {
    const root = await userRepository();
    put(root, { "node_modules/tool": "#!/bin/sh\necho by-tool\n" });
    chmodSync(path.join(root, "node_modules/tool"), 0o755);
    process.env["PLANWRIGHT_TEST_SECRET"] = "hidden";
    const workplace = {
      link: ["node_modules"],
      setup: ["sh", "-c", "echo set > setup.txt"],
      environment: { MINE: "mine" },
    };
    const script =
      'node_modules/tool > out.txt; echo "$MINE $PLANWRIGHT_TEST_SECRET" >> out.txt; cat setup.txt >> out.txt';
    const result = await make(root, [{ do: "run", run: ["sh", "-c", script] }], { workplace });
    delete process.env["PLANWRIGHT_TEST_SECRET"];
    expect(result.files).toEqual(["out.txt", "setup.txt"]);
    expect(git(root, "show", `${result.commit}:out.txt`)).toBe("by-tool\nmine \nset\n");
    await expect(make(root, [{ do: "write", path: "x", text: "" }], { workplace: { link: ["src"] } })).rejects.toThrow(
      "link-not-ignored",
    );
    await expect(make(root, [{ do: "delete", path: "node_modules/tool" }], { workplace })).rejects.toThrow();
    expect(existsSync(path.join(root, "node_modules/tool"))).toBe(true);
  });

  it("is made anew where a crash has left a worktree, and several are made at once", async () => {
    const root = await userRepository();
    const left = path.join(root, ".git/planwright/worktrees/k/x");
    mkdirSync(path.dirname(left), { recursive: true });
    git(root, "worktree", "add", "--quiet", "--detach", left);
    put(left, { garbage: "x" });
    expect((await make(root, [{ do: "write", path: "x", text: "" }])).files).toEqual(["x"]);
    const several = ["a", "b", "c"].map((id) => make(root, [{ do: "write", path: id, text: id }], { id }));
    expect((await Promise.all(several)).map(({ files }) => files)).toEqual([["a"], ["b"], ["c"]]);
  });
});

describe("a worktree that a kill has left", () => {
  it("goes with the next look at the repository, and one in which a change is being made stays", async () => {
    const root = await userRepository();
    const left = path.join(root, ".git/planwright/worktrees/k/gone");
    git(root, "worktree", "add", "--quiet", "--detach", left);
    const go = path.join(await temporaryDirectory(), "go");
    const waiting = { do: "run", run: ["sh", "-c", `until [ -e ${go} ]; do sleep 0.02; done; echo made > made.txt`] };
    const making = make(root, [waiting], { id: "waits" });
    await expect.poll(() => existsSync(path.join(root, ".git/planwright/worktrees/k/waits/.git"))).toBe(true);
    await call("change.ready", root, {});
    expect(existsSync(left)).toBe(true);
    put(path.dirname(go), { go: "" });
    expect((await making).files).toEqual(["made.txt"]);
    await call("change.ready", root, {});
    expect(existsSync(left)).toBe(false);
    expect(git(root, "worktree", "list").trim().split("\n")).toHaveLength(1);
  });
});

describe("being ready for changes", () => {
  const ready = (root: string, args = {}) => call("change.ready", root, args);

  it("says the branch and the commit, and takes untracked files as they are", async () => {
    const root = await userRepository();
    put(root, { untracked: "x" });
    const head = git(root, "rev-parse", "HEAD").trim();
    expect(await ready(root, { checks: [YES], programs: ["sh"], files: ["a.txt"] })).toEqual({ head, branch: "main" });
  });

  it("says what is missing, and what to do", async () => {
    const root = await userRepository();
    await expect(ready(root, { programs: ["sh", "no-such-program"] })).rejects.toThrow(
      "not-found program-missing: no-such-program",
    );
    await expect(ready(root, { files: ["gone.txt"] })).rejects.toThrow("not-found file-missing: gone.txt");
    await expect(ready(root, { checks: [{ kind: "command", run: ["false"] }] })).rejects.toThrow(
      "validation check-not-met",
    );
    put(root, { "a.txt": "changed" });
    await expect(ready(root)).rejects.toThrow(
      "conflict dirty-tree: a.txt: not as the last commit has it. Commit it or `git stash` it",
    );
    git(root, "add", "a.txt");
    await expect(ready(root)).rejects.toThrow("dirty-tree");
    commitAll(root);
    git(root, "checkout", "--quiet", "--detach");
    await expect(ready(root)).rejects.toThrow("conflict detached-head: no branch is checked out");
  });

  it("refuses the middle of a merge, a folder inside, a repository without commits, and none", async () => {
    const root = await userRepository();
    git(root, "checkout", "--quiet", "-b", "other");
    put(root, { "a.txt": "theirs" });
    commitAll(root);
    git(root, "checkout", "--quiet", "main");
    put(root, { "a.txt": "ours" });
    commitAll(root);
    expect(() => git(root, "merge", "other")).toThrow();
    await expect(ready(root)).rejects.toThrow("conflict repository-busy: the repository is in the middle of a merge");
    git(root, "merge", "--abort");
    await expect(ready(root, { repository: "src" })).rejects.toThrow(
      "not-a-repository: src: is inside of a repository",
    );
    const bare = await temporaryDirectory();
    await expect(ready(bare)).rejects.toThrow("not-found not-a-repository");
    git(bare, "init", "--quiet");
    await expect(ready(bare)).rejects.toThrow(
      "not-found no-commits: the repository has no commit yet: `git add --all`",
    );
    await expect(call("change.merge", bare, { change: "x", made: { commit: "x", base: "x" } })).rejects.toThrow(
      "no-commits",
    );
  });
});
