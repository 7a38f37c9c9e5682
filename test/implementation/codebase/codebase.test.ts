import { rmSync, symlinkSync } from "node:fs";
import { mkdir, rm, symlink, truncate } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summaryOf } from "#src/implementation/codebase/codebase.ts";
import { FileReader, linesIn, MAX_READ_BYTES } from "#src/implementation/codebase/content/file-reader.ts";
import { contextText } from "#src/implementation/codebase/context-text.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { gitIn, summaryIn, writeTree } from "./kit.ts";

describe("a summary of a codebase", () => {
  it("counts languages, links, binary and large files, and reads no more than it may", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, {
      "a.ts": "one\ntwo",
      "b.ts": "one\n",
      Dockerfile: "FROM x\n",
      "unknown.zzz": "x\n",
      "image.png": Uint8Array.of(0x89, 0x50, 0, 1),
      "empty.py": "",
      "huge.json": "",
    });
    await truncate(path.join(root, "huge.json"), 8 * 1024 ** 3);
    await symlink("a.ts", path.join(root, "link.ts"));
    await symlink(".", path.join(root, "loop"));
    const { totals, languages } = await summaryIn(root);
    expect(totals).toEqual({
      ...{ files: 7, bytes: 7 + 4 + 7 + 2 + 4 + 8 * 1024 ** 3, lines: 5 },
      ...{ links: 2, others: 0, binary: 1, large: 1, repositories: 0 },
    });
    expect(languages).toEqual([
      { language: "JSON", files: 1, bytes: 8 * 1024 ** 3, lines: 0 },
      { language: "TypeScript", files: 2, bytes: 11, lines: 3 },
      { language: "Dockerfile", files: 1, bytes: 7, lines: 1 },
      { language: "Python", files: 1, bytes: 0, lines: 0 },
    ]);
  });

  it("of an empty directory is empty", async () => {
    const root = await temporaryDirectory();
    const summary = await summaryIn(root);
    expect(summary).toMatchObject({ source: "walk", totals: { files: 0 }, languages: [], history: null, notes: [] });
    expect(summary.imports).toMatchObject({ typescript: "none", lexical: [], modules: 0 });
    expect(contextText(summary)).toBe(
      ".: 0 files, 0 bytes, 0 lines (listed by a walk, without git)\n\nHistory: none\n",
    );
  });

  it("of a repository without commits has no history", async () => {
    const root = await temporaryDirectory();
    gitIn(root)("init", "-q");
    await writeTree(root, { "a.ts": "" });
    expect(await summaryIn(root)).toMatchObject({ source: "git", totals: { files: 1 }, history: null, notes: [] });
  });

  it("tells the history of what is there, with names that git would quote", async () => {
    const root = await temporaryDirectory();
    const git = gitIn(root);
    git("init", "-q");
    const commit = async (tree: Readonly<Record<string, string>>, ...more: string[]): Promise<void> => {
      await writeTree(root, tree);
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", "a\nb", ...more);
    };
    await commit({ "in/line\nend.ts": "1", "\u001eodd": "1", "gone.ts": "1" });
    await commit({ "in/line\nend.ts": "2" }, "--author", "Bob <BOB@example.org>");
    await rm(path.join(root, "gone.ts"));
    await commit({}, "--author", "Bob <bob@example.org>");
    await commit({});
    const { history } = await summaryIn(root);
    expect(history).toMatchObject({
      ...{ commits: 4, isWhole: true, authors: 2, first: "2026-01-02T03:04:05+00:00" },
      mostChanged: [
        { path: "in/line\nend.ts", commits: 2 },
        { path: "\u001eodd", commits: 1 },
      ],
    });
    expect(history?.last).toMatchObject({ subject: "a b", hash: git("rev-parse", "HEAD").trim() });
    const inside = await summaryOf(contextOf({ root }), "in");
    expect(inside.history).toMatchObject({ commits: 2, mostChanged: [{ path: "line\nend.ts", commits: 2 }] });
  });

  it("is the same in whatever order the tree was made", { timeout: 120_000 }, async () => {
    const part = fc.constantFrom("a", "b", "c", "src", "test", "ä b");
    const name = fc.constantFrom(
      "x.ts",
      "y.js",
      "z.py",
      "m.go",
      "go.mod",
      "package.json",
      "tsconfig.json",
      "x.test.ts",
    );
    const file = fc.tuple(fc.array(part, { maxLength: 3 }), name).map(([parts, last]) => [...parts, last].join("/"));
    const content = fc.constantFrom(
      ...["", "import './x.ts'\nimport 'zod'", "from . import z", '{"name":"a","dependencies":{"b":"1"}}'],
      ...["module m\n", "{", 'package m\nimport "m/a"\n', "import '../x'; import '../src/y.js'"],
    );
    const trees = fc
      .uniqueArray(fc.tuple(file, content), { maxLength: 15, selector: ([where]) => where })
      .chain((files) => fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })));
    await fc.assert(
      fc.asyncProperty(trees, fc.boolean(), async ([files, shuffled], withGit) => {
        const [one, other] = [await temporaryDirectory(), await temporaryDirectory()];
        await writeTree(one, Object.fromEntries(files));
        await writeTree(other, Object.fromEntries(shuffled));
        if (withGit) for (const root of [one, other]) gitIn(root)("init", "-q");
        if (withGit) gitIn(other)("add", "-A");
        expect(await summaryIn(other, { graph: true })).toEqual(await summaryIn(one, { graph: true }));
      }),
      { numRuns: 40 },
    );
  });

  it("ends for one who has given up in its midst", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${at}.ts`, ""])));
    const giving = new AbortController();
    const progress = (share: number): void => {
      if (share > 0) giving.abort(new Error("enough"));
    };
    await expect(summaryOf(contextOf({ root, signal: giving.signal }), ".", { progress })).rejects.toThrow("enough");
  });

  it("bounds what a manifest says of itself", async () => {
    const root = await temporaryDirectory();
    const long = "x".repeat(100_000);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`p${at}`, long.slice(0, 20)]));
    await writeTree(root, { "package.json": JSON.stringify({ name: long, version: long, dependencies: many }) });
    const summary = await summaryIn(root);
    expect(summary.dependencies.direct).toMatchObject({ count: 5_000 });
    expect(JSON.stringify(summary).length).toBeLessThan(30_000);
  });

  it("shows people no line end and no escape sequence of a name", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, {
      "package.json": JSON.stringify({ name: "\u001b[31mred\n", scripts: { test: "x" } }),
      "a\nb.ts": "import './c\\u001b.ts'",
    });
    const text = contextText(await summaryIn(root));
    expect(text).toContain("package.json: \\u001b[31mred\\n");
    expect(text).toContain("npm test: npm test (package.json: scripts.test)");
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe("the tests of a codebase", () => {
  it("are found with what runs them", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, {
      "package.json": JSON.stringify({ devDependencies: { jest: "1" }, scripts: { test: "node --test && mocha" } }),
      "web/package.json": JSON.stringify({ devDependencies: { vitest: "1" } }),
      "other/package.json": JSON.stringify({ scripts: { test: "make check" } }),
      "fresh/package.json": JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }),
      "py/pyproject.toml": "[tool.pytest.ini_options]\n",
      "py/tests/conftest.py": "",
      "py/tests/test_a.py": "",
      "rs/Cargo.toml": "[package]\n",
      "rs/tests/a.rs": "",
      "go/go.mod": "module m\n",
      "go/a_test.go": "",
      "src/a.test.ts": "",
      "src/__tests__/b.js": "",
      "src/latest.ts": "",
    });
    const { tests } = await summaryIn(root);
    expect(tests.files).toBe(5);
    expect(
      tests.runners.map(({ runner, directory, command }) => `${directory}: ${runner}, ${command.join(" ")}`),
    ).toEqual([
      ...[": jest, npm test", ": mocha, npm test", ": node:test, npm test", ": pytest, python3 -m pytest"],
      "go: go test, go test ./...",
      "other: npm test, npm test",
      "py: pytest, python3 -m pytest",
      "rs: cargo test, cargo test",
      "web: vitest, npx --no-install vitest",
    ]);
  });
});

describe("a reader of files", () => {
  it("reads what fits, and neither a link nor a pipe nor what is gone", async () => {
    const root = await temporaryDirectory();
    const reader = new FileReader(root);
    await writeTree(root, { a: "x".repeat(MAX_READ_BYTES), b: "x".repeat(MAX_READ_BYTES + 1), c: "" });
    expect(reader.read("a")?.bytes).toHaveLength(MAX_READ_BYTES);
    expect(reader.read("b")).toBeUndefined();
    expect(reader.read("c")?.bytes).toHaveLength(0);
    await symlink("/etc/passwd", path.join(root, "link"));
    expect(() => reader.read("link")).toThrow(/ELOOP/u);
    expect(() => reader.read("gone")).toThrow(/ENOENT/u);
    await mkdir(path.join(root, "folder"));
    expect(() => reader.read("folder")).toThrow(/EISDIR/u);
  });

  it("counts a last line that nothing ends", () => {
    const lines = (text: string): number => linesIn(Buffer.from(text));
    expect([lines(""), lines("a"), lines("a\n"), lines("a\n\nb")]).toEqual([0, 1, 1, 3]);
  });

  it("says what could not be read, and counts it", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { "a.ts": "1\n", "b.ts": "1\n" });
    // Between the listing and the reading one file goes, and a link takes the place of another.
    const typescript = (): undefined => {
      rmSync(path.join(root, "a.ts"));
      rmSync(path.join(root, "b.ts"));
      symlinkSync("/etc/passwd", path.join(root, "b.ts"));
    };
    const { totals, notes } = await summaryIn(root, { typescript });
    expect(totals).toMatchObject({ files: 2, lines: 0 });
    expect(notes).toEqual([
      { code: "unreadable-entry", path: "a.ts", text: "ENOENT: no such file or directory" },
      { code: "unreadable-entry", path: "b.ts", text: "ELOOP: too many symbolic links encountered" },
    ]);
  });
});
