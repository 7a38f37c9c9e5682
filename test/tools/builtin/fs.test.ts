import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { MAX_FILE_BYTES } from "#src/tools/builtin/file-content.ts";
import { fsGlob, fsList } from "#src/tools/builtin/fs-list.ts";
import { fsRead } from "#src/tools/builtin/fs-read.ts";
import { fsWrite } from "#src/tools/builtin/fs-write.ts";
import { openDirectory } from "#src/tools/builtin/root.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

/** A root with a neighbour outside that nobody may reach. */
async function rootWithNeighbour() {
  const parent = await temporaryDirectory();
  const [root, outside] = [path.join(parent, "root"), path.join(parent, "root-outside")];
  await mkdir(path.join(root, "sub"), { recursive: true });
  await mkdir(outside);
  await writeFile(path.join(outside, "private.txt"), "private");
  await writeFile(path.join(root, "a.txt"), "text ä\n");
  return { root, outside };
}

describe("fs.read", () => {
  it("answers with the text, by a relative or an absolute path", async () => {
    const { root } = await rootWithNeighbour();
    expect(await outputOf(fsRead, { path: "sub/../a.txt" }, { root })).toBe("text ä\n");
    expect(await outputOf(fsRead, { path: path.join(root, "a.txt") }, { root })).toBe("text ä\n");
  });

  it("answers with base64 where asked, and refuses bytes that are no text", async () => {
    const { root } = await rootWithNeighbour();
    await writeFile(path.join(root, "bytes"), Buffer.from([0xff, 0x00]));
    expect(await outputOf(fsRead, { path: "bytes", encoding: "base64" }, { root })).toBe("/wA=");
    await expect(outputOf(fsRead, { path: "bytes" }, { root })).rejects.toThrow("validation not-utf8: bytes");
  });

  it("follows a link that stays inside", async () => {
    const { root } = await rootWithNeighbour();
    await symlink("../a.txt", path.join(root, "sub", "link"));
    expect(await outputOf(fsRead, { path: "sub/link" }, { root })).toBe("text ä\n");
  });

  it.each([
    ["dots", "../root-outside/private.txt"],
    ["an absolute path", "/etc/passwd"],
    ["a link to a file", "file-link"],
    ["a link to a directory", "directory-link/private.txt"],
    ["a link through a link", "sub/second/private.txt"],
  ])("refuses a way out by %s", async (_name, name) => {
    const { root, outside } = await rootWithNeighbour();
    await symlink(path.join(outside, "private.txt"), path.join(root, "file-link"));
    await symlink(outside, path.join(root, "directory-link"));
    await symlink("../directory-link", path.join(root, "sub", "second"));
    await expect(outputOf(fsRead, { path: name }, { root })).rejects.toThrow(/^permission outside-root: /);
  });

  it("accepts a root that is itself named through a link", async () => {
    const { root } = await rootWithNeighbour();
    const alias = `${root}-alias`;
    await symlink(root, alias);
    expect(await outputOf(fsRead, { path: path.join(alias, "a.txt") }, { root: alias })).toBe("text ä\n");
  });

  it("names the path of the plan, not a descriptor, where a file is missing", async () => {
    const { root } = await rootWithNeighbour();
    const attempt = outputOf(fsRead, { path: "sub/none.txt" }, { root });
    await expect(attempt).rejects.toThrow("not-found not-found: sub/none.txt: ENOENT: no such file or directory");
  });

  it.each([["sub"], ["."], ["pipe"]])("refuses %s, which is no regular file, without waiting", async (name) => {
    const { root } = await rootWithNeighbour();
    execFileSync("/usr/bin/env", ["mkfifo", path.join(root, "pipe")]);
    await expect(outputOf(fsRead, { path: name }, { root })).rejects.toThrow(/^validation/);
  });

  it("refuses a file over the limit and takes one that fits exactly", async () => {
    const { root } = await rootWithNeighbour();
    await writeFile(path.join(root, "fits"), Buffer.alloc(MAX_FILE_BYTES, "x"));
    await writeFile(path.join(root, "over"), Buffer.alloc(MAX_FILE_BYTES + 1, "x"));
    expect(await outputOf(fsRead, { path: "fits" }, { root })).toHaveLength(MAX_FILE_BYTES);
    await expect(outputOf(fsRead, { path: "over" }, { root })).rejects.toThrow("resource-exhausted file-too-large");
  });

  it("refuses a path with NUL as wrong arguments", async () => {
    await expect(outputOf(fsRead, { path: "a\0b" })).rejects.toThrow("validation invalid-arguments");
  });
});

describe("a pinned directory", () => {
  it.runIf(process.platform === "linux")("stays the same one when its name is given to a link", async () => {
    const { root, outside } = await rootWithNeighbour();
    await writeFile(path.join(root, "sub", "private.txt"), "inside");
    await using directory = await openDirectory(root, "sub");
    await rename(path.join(root, "sub"), path.join(root, "moved"));
    await symlink(outside, path.join(root, "sub"));
    expect(await readFile(path.join(directory.path, "private.txt"), "utf8")).toBe("inside");
  });
});

describe("fs.write", () => {
  it("writes a file and the directories on the way, and again with the same effect", async () => {
    const { root } = await rootWithNeighbour();
    const args = { path: "new/deep/b.txt", text: "ä" };
    expect(await outputOf(fsWrite, args, { root })).toEqual({ path: "new/deep/b.txt", bytes: 2 });
    expect(await outputOf(fsWrite, args, { root })).toEqual({ path: "new/deep/b.txt", bytes: 2 });
    expect(await readFile(path.join(root, "new/deep/b.txt"), "utf8")).toBe("ä");
    expect(await readdir(path.join(root, "new/deep"))).toEqual(["b.txt"]);
  });

  it("keeps the permissions of the file it replaces", async () => {
    const { root } = await rootWithNeighbour();
    await chmod(path.join(root, "a.txt"), 0o750);
    await outputOf(fsWrite, { path: "a.txt", text: "new" }, { root });
    expect((await stat(path.join(root, "a.txt"))).mode & 0o777).toBe(0o750);
  });

  it("replaces what a link inside leads to, and the link stays", async () => {
    const { root } = await rootWithNeighbour();
    await symlink("a.txt", path.join(root, "link"));
    await outputOf(fsWrite, { path: "link", text: "through" }, { root });
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("through");
    expect(await readdir(root)).toEqual(["a.txt", "link", "sub"]);
  });

  it.each([["../root-outside/new.txt"], ["out/new.txt"], ["out/deep/new.txt"], ["dangling"], ["dangling/x"]])(
    "changes nothing outside by %s",
    async (name) => {
      const { root, outside } = await rootWithNeighbour();
      await symlink(outside, path.join(root, "out"));
      await symlink(path.join(outside, "made"), path.join(root, "dangling"));
      await expect(outputOf(fsWrite, { path: name, text: "x" }, { root })).rejects.toThrow(/^(permission|not-found) /);
      expect(await readdir(outside)).toEqual(["private.txt"]);
    },
  );

  it("leaves the old content and no litter when it fails", async () => {
    const { root } = await rootWithNeighbour();
    await expect(outputOf(fsWrite, { path: "sub", text: "x" }, { root })).rejects.toThrow("sub: E");
    const signal = AbortSignal.abort(new DOMException("stop", "AbortError"));
    await expect(outputOf(fsWrite, { path: "a.txt", text: "new" }, { root, signal })).rejects.toThrow(/^cancelled/);
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("text ä\n");
    expect(await readdir(root)).toEqual(["a.txt", "sub"]);
  });
});

describe("fs.list", () => {
  it("lists a directory by name with kinds, and hidden names only where wanted", async () => {
    const { root } = await rootWithNeighbour();
    await writeFile(path.join(root, ".hidden"), "");
    await symlink("/etc", path.join(root, "sub", "link"));
    expect(await outputOf(fsList, { hidden: false }, { root })).toEqual([
      { path: "a.txt", name: "a.txt", kind: "file", bytes: 8 },
      { path: "sub", name: "sub", kind: "directory", bytes: 0 },
    ]);
    expect(await outputOf(fsList, { path: "sub" }, { root })).toEqual([
      { path: "sub/link", name: "link", kind: "link", bytes: 0 },
    ]);
    expect(await outputOf(fsList, {}, { root })).toHaveLength(3);
  });
});

describe("fs.glob", () => {
  async function tree() {
    const { root, outside } = await rootWithNeighbour();
    for (const name of [
      "src/a.ts",
      "src/deep/b.ts",
      "src/deep/b.test.ts",
      "node_modules/x/c.ts",
      ".git/d.ts",
      ".e.ts",
    ]) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), "");
    }
    await symlink(outside, path.join(root, "src", "out"));
    await symlink("..", path.join(root, "src", "round"));
    return root;
  }

  it.each([
    ["**/*.ts", {}, ["src/a.ts", "src/deep/b.test.ts", "src/deep/b.ts"]],
    ["**", { path: "src" }, ["src/a.ts", "src/deep/b.test.ts", "src/deep/b.ts"]],
    ["*.ts", { path: "src/deep" }, ["src/deep/b.test.ts", "src/deep/b.ts"]],
    ["src/*/b.{test.ts,js}", {}, ["src/deep/b.test.ts"]],
    [["*.txt", "src/[!b].ts"], {}, ["a.txt", "src/a.ts"]],
    [".*.ts", {}, [".e.ts"]],
    ["*.ts", { hidden: true }, [".e.ts"]],
    ["**/c.ts", { ignore: [] }, ["node_modules/x/c.ts"]],
    ["**/private.txt", {}, []],
  ])("finds by %j with %j, sorted, never through a link", async (pattern, options, found) => {
    expect(await outputOf(fsGlob, { pattern, ...options }, { root: await tree() })).toEqual(found);
  });

  it.each([["../*"], ["/etc/*"], ["{a,b"], ["[a"]])("refuses the pattern %s", async (pattern) => {
    await expect(outputOf(fsGlob, { pattern }, { root: await tree() })).rejects.toThrow("validation bad-pattern");
  });

  it("stops on abort", async () => {
    const signal = AbortSignal.abort(new DOMException("stop", "AbortError"));
    await expect(outputOf(fsGlob, { pattern: "**" }, { root: await tree(), signal })).rejects.toThrow(/^cancelled/);
  });
});
