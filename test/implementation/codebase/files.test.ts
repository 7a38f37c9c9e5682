import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { filesIn, gitIn, pathsIn, writeTree } from "./kit.ts";

describe("the files of a repository", () => {
  it("are those that git knows and those that it would take", async () => {
    const root = await temporaryDirectory();
    const git = gitIn(root);
    git("init", "-q");
    await writeTree(root, {
      ".gitignore": "dist/\n*.log\n!kept.log\n",
      "a.ts": "1",
      "kept.log": "",
      "lost.log": "",
      "dist/out.js": "",
      "deep/.gitignore": "!lost.log\n/b.ts\n",
      "deep/lost.log": "",
      "deep/b.ts": "",
      "deep/er/b.ts": "",
      ".planwright/store.db": "",
    });
    await writeFile(path.join(root, ".git/info/exclude"), "secret.txt\n");
    await writeTree(root, { "secret.txt": "" });
    git("add", "a.ts");
    const listed = await filesIn(root);
    expect(listed.source).toBe("git");
    expect(listed.files.map((file) => file.path)).toEqual(
      [".gitignore", "a.ts", "deep/.gitignore", "deep/er/b.ts", "deep/lost.log", "kept.log"].sort(),
    );
    expect(listed.notes).toEqual([]);
  });

  it("have names with spaces, line ends and quotes as they are", async () => {
    const names = ["a b.ts", "line\nend.ts", 'quo"te.ts', "tab\there.ts", "ä.ts", "-n.ts", ":(glob)*.ts"];
    const root = await temporaryDirectory();
    await writeTree(root, Object.fromEntries(names.map((name) => [name, ""])));
    expect(await pathsIn(root)).toEqual(names.toSorted());
    const git = gitIn(root);
    git("init", "-q");
    git("add", "--", "./a b.ts", "./line\nend.ts");
    expect((await filesIn(root)).source).toBe("git");
    expect(await pathsIn(root)).toEqual(names.toSorted());
  });

  it("are those of the folder that is asked for, relative to it", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    await writeTree(root, { "a.ts": "", "in/b.ts": "", "in/deep/c.ts": "" });
    expect(await pathsIn(root, "in")).toEqual(["b.ts", "deep/c.ts"]);
  });

  it("are told whole where git's list of them has more than 8 MiB", { timeout: 60_000 }, async () => {
    const root = await temporaryDirectory();
    const folder = Array.from({ length: 13 }, (_, at) => String(at).padStart(250, "d")).join("/");
    const names = Array.from({ length: 2_500 }, (_, at) => `${folder}/${String(10_000 + at).padStart(250, "f")}`);
    expect(names.reduce((bytes, name) => bytes + name.length + 1, 0)).toBeGreaterThan(8 * 1024 * 1024);
    await writeTree(root, Object.fromEntries(names.map((name) => [name, ""])));
    gitIn(root)("init", "-q");
    const listed = await filesIn(root);
    expect(listed).toMatchObject({ source: "git", notes: [] });
    expect(listed.files.map((file) => file.path).join("\0") === names.join("\0")).toBe(true);
  });

  it("are other ones where only the case of a letter differs, for git and for a walk", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { ".gitignore": "readme.md\n", "README.md": "", "in/readme.md": "", "in/README.md": "" });
    for (const source of ["walk", "git"]) {
      if (source === "git") gitIn(root)("init", "-q");
      const listed = await filesIn(root);
      expect(listed.source).toBe(source);
      expect(listed.files.map((file) => file.path)).toEqual([".gitignore", "README.md", "in/README.md"]);
    }
  });

  it("are none of the store's folder, wherever it is, and none of this program's, tracked or not", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { "a.ts": "", "kept/store/log.db": "", "kept/storey.ts": "", "in/.planwright/log.db": "" });
    for (const prepare of [() => "", () => gitIn(root)("init", "-q"), () => gitIn(root)("add", ".")]) {
      prepare();
      const { files } = await filesOf(contextOf({ root }), ".", path.join(root, "kept/store"));
      expect(files.map((file) => file.path)).toEqual(["a.ts", "kept/storey.ts"]);
    }
    const { files } = await filesOf(contextOf({ root }), ".", path.join(root, "..", "elsewhere"));
    expect(files).toHaveLength(3);
  });

  it("are walked where git ignores the whole folder", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    await writeTree(root, { ".gitignore": "out/\n", "out/a.ts": "", "empty/.gitkeep": "" });
    await rm(path.join(root, "empty/.gitkeep"));
    expect(await filesIn(root, "out")).toMatchObject({ source: "walk", files: [{ path: "a.ts" }] });
    expect(await filesIn(root, "empty")).toMatchObject({ source: "git", files: [] });
  });

  it("leave out what is gone, what is behind a link, and submodules", async () => {
    const root = await temporaryDirectory();
    const git = gitIn(root);
    await writeTree(root, { "outside/x.ts": "", "repo/gone.ts": "", "repo/moved/x.ts": "", "repo/sub/y.ts": "" });
    const inner = gitIn(path.join(root, "repo/sub"));
    inner("init", "-q");
    inner("add", ".");
    inner("commit", "-q", "-m", "inner");
    const repo = gitIn(path.join(root, "repo"));
    repo("init", "-q");
    repo("-c", "advice.addEmbeddedRepo=false", "add", ".");
    await rm(path.join(root, "repo/gone.ts"));
    await rm(path.join(root, "repo/moved"), { recursive: true });
    await symlink(path.join(root, "outside"), path.join(root, "repo/moved"));
    await symlink("/etc/passwd", path.join(root, "repo/link.ts"));
    await writeTree(root, { "repo/other/z.ts": "" });
    gitIn(path.join(root, "repo/other"))("init", "-q");
    const listed = await filesIn(root, "repo");
    expect(listed.files.map(({ path: name, kind }) => `${kind} ${name}`)).toEqual(["link link.ts", "link moved"]);
    expect(listed.repositories).toEqual(["other", "sub"]);
    expect(git).toBeTypeOf("function");
  });

  it("are listed once where a merge left a file in three states", async () => {
    const root = await temporaryDirectory();
    const git = gitIn(root);
    git("init", "-q", "-b", "main");
    await writeTree(root, { "a.ts": "0\n" });
    git("add", ".");
    git("commit", "-q", "-m", "0");
    git("checkout", "-q", "-b", "other");
    await writeTree(root, { "a.ts": "1\n" });
    git("commit", "-q", "-am", "1");
    git("checkout", "-q", "main");
    await writeTree(root, { "a.ts": "2\n" });
    git("commit", "-q", "-am", "2");
    expect(() => git("merge", "-q", "other")).toThrow();
    expect(await pathsIn(root)).toEqual(["a.ts"]);
  });

  it("are walked, and that is said, where the git directory lies outside of the root", async () => {
    const root = await temporaryDirectory();
    const git = gitIn(root);
    await writeTree(root, { "repo/a.ts": "" });
    git("init", "-q", "--separate-git-dir", path.join(root, "elsewhere"), "repo");
    const listed = await filesIn(path.join(root, "repo"));
    expect(listed).toMatchObject({ source: "walk", files: [{ path: "a.ts" }] });
    expect(listed.notes).toMatchObject([{ code: "git-unusable", path: null }]);
  });

  it("are walked, and that is said, where there is no git", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    await writeTree(root, { "a.ts": "", ".gitignore": "b.ts", "b.ts": "" });
    const roots = { fs: root, allowPrivateNetwork: false, environment: { PATH: path.join(root, "nothing") } };
    const listed = await filesOf({ ...contextOf({ root }), roots }, ".");
    expect(listed).toMatchObject({ source: "walk", files: [{ path: ".gitignore" }, { path: "a.ts" }] });
    expect(listed.notes).toMatchObject([{ code: "git-unusable" }]);
  });

  it("with a damaged index are walked, and that is said", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    await writeTree(root, { "a.ts": "" });
    await writeFile(path.join(root, ".git/index"), "no index");
    expect(await filesIn(root)).toMatchObject({ source: "walk", notes: [{ code: "git-unusable" }] });
  });

  it("have no name that is not UTF-8: such a one is said", async () => {
    const root = await temporaryDirectory();
    const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe]), Buffer.from(".ts")]);
    await writeFile(name, "");
    for (const prepare of [() => "", () => gitIn(root)("init", "-q")]) {
      prepare();
      const listed = await filesIn(root);
      expect(listed.files).toEqual([]);
      expect(listed.notes).toMatchObject([{ code: "unreadable-name" }]);
    }
  });

  it("are not outside of the root", async () => {
    const root = await temporaryDirectory();
    await expect(filesIn(root, "..")).rejects.toMatchObject({ code: "outside-root" });
    await symlink("/etc", path.join(root, "link"));
    await expect(filesIn(root, "link")).rejects.toMatchObject({ code: "outside-root" });
    await expect(filesIn(root, "nowhere")).rejects.toMatchObject({ category: "not-found" });
  });

  it("are not listed for one who has given up", async () => {
    const root = await temporaryDirectory();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(filesOf(contextOf({ root, signal }), ".")).rejects.toThrow("enough");
  });
});

describe("a walk without git", () => {
  it("enters neither installed packages nor other repositories, and lists pipes as what they are", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { "a.ts": "", "node_modules/x/i.js": "", "in/.git": "gitdir: nowhere", "in/b.ts": "" });
    execFileSync("mkfifo", [path.join(root, "pipe")]);
    const listed = await filesIn(root);
    expect(listed.files.map(({ path: name, kind }) => `${kind} ${name}`)).toEqual(["file a.ts", "other pipe"]);
    expect(listed.repositories).toEqual(["in"]);
  });

  it("stops at a depth, and says where", async () => {
    const root = await temporaryDirectory();
    const deep = Array.from({ length: 300 }, () => "d").join("/");
    await mkdir(path.join(root, deep), { recursive: true });
    await writeTree(root, { "a.ts": "" });
    const listed = await filesIn(root);
    expect(listed.files.map((file) => file.path)).toEqual(["a.ts"]);
    expect(listed.notes).toMatchObject([{ code: "unreadable-entry" }]);
  });

  it("is not kept busy by a rule that backtracks elsewhere", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { ".gitignore": `${"*a".repeat(60)}b\n[\n`, [`${"a".repeat(200)}.ts`]: "" });
    expect(await pathsIn(root)).toHaveLength(2);
  });

  it("leaves out what git leaves out, whatever the rules", { timeout: 120_000 }, async () => {
    const part = fc.constantFrom(
      "a",
      "b",
      "ab",
      "a.b",
      "*",
      "a*",
      "*b",
      "?",
      "[ab]",
      "[!a]",
      "**",
      "\\!a",
      "{a,b}",
      " ",
    );
    const rule = fc
      .record({
        negated: fc.boolean(),
        anchored: fc.boolean(),
        parts: fc.array(part, { minLength: 1, maxLength: 3 }),
        slashed: fc.boolean(),
      })
      .map(({ negated, anchored, parts, slashed }) => {
        return `${negated ? "!" : ""}${anchored ? "/" : ""}${parts.join("/")}${slashed ? "/" : ""}`;
      });
    const name = fc.constantFrom("a", "b", "ab", "a.b", "c", "!a");
    const file = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join("/")}.f`);
    const folder = fc.array(name, { maxLength: 2 }).map((parts) => parts.join("/"));
    const rules = fc.array(fc.tuple(folder, fc.array(rule, { maxLength: 4 })), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 12 }), rules, async (files, ignored) => {
        const root = await temporaryDirectory();
        const byFolder = Object.fromEntries(
          ignored.map(([where, lines]) => [path.posix.join(where, ".gitignore"), lines.join("\n")]),
        );
        await writeTree(root, { ...Object.fromEntries(files.map((one) => [one, ""])), ...byFolder });
        const walked = await filesIn(root);
        gitIn(root)("init", "-q");
        const listed = await filesIn(root);
        expect([walked.source, listed.source]).toEqual(["walk", "git"]);
        expect(walked.files.map((one) => one.path)).toEqual(listed.files.map((one) => one.path));
        await rename(path.join(root, ".git"), path.join(root, "..", `${path.basename(root)}.git`));
        await rm(path.join(root, "..", `${path.basename(root)}.git`), { recursive: true });
      }),
      { numRuns: 60, examples: [[["a.f"], [["", ["*"]]]]] },
    );
  });
});
