import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { versionOf } from "#src/language/called-plans.ts";
import { folderLibrary, type FolderLibrary } from "#src/plan-files/folder-library.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

let folder: TemporaryFolder;
const at = (...parts: string[]): string => path.join(folder.path, ...parts);
const plan = (name: string, version?: string): string =>
  `plan: ${name}\n${version === undefined ? "" : `version: ${version}\n`}steps: { a: { value: 1 } }\n`;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("a library of folders", () => {
  const found = (library: FolderLibrary, name: string): string[] =>
    library.find(name).map((source) => `${path.relative(folder.path, source.file)} ${versionOf(source)}`);

  it("has the plans of its directories and files by the name that they give themselves, in all versions", async () => {
    await mkdir(at("shared"));
    await writeFile(at("a.plan.yaml"), plan("build", "1.0.0"));
    await writeFile(at("b.plan.yml"), plan("build", "1.2.0"));
    await writeFile(at("shared", "c.plan.json"), JSON.stringify({ plan: "build", version: "2.0.0", steps: {} }));
    await writeFile(at("shared", "named.yaml"), plan("test"));
    const library = folderLibrary([folder.path, at("shared"), at("shared", "named.yaml")]);
    expect(found(library, "build")).toEqual(["a.plan.yaml 1.0.0", "b.plan.yml 1.2.0", "shared/c.plan.json 2.0.0"]);
    expect(found(library, "test")).toEqual(["shared/named.yaml 0.0.0"]);
    expect(found(library, "toString")).toEqual([]);
    expect([...library.names()].sort()).toEqual(["build", "test"]);
    expect(library.problems()).toEqual([]);
  });

  it("does not look below its directories, nor at files of other names", async () => {
    await mkdir(at("below"));
    await writeFile(at("below", "a.plan.yaml"), plan("build"));
    await writeFile(at("a.yaml"), plan("build"));
    expect(found(folderLibrary([folder.path]), "build")).toEqual([]);
  });

  it("reads nothing before a plan is looked for", async () => {
    const library = folderLibrary([at("not-there-yet")]);
    expect(library.problems()).toEqual([]);
    await mkdir(at("not-there-yet"));
    await writeFile(at("not-there-yet", "a.plan.yaml"), plan("build"));
    expect(found(library, "build")).toHaveLength(1);
  });

  it("has a file once that it comes upon twice", async () => {
    await writeFile(at("a.plan.yaml"), plan("build"));
    await symlink(folder.path, at("again"));
    const places = [folder.path, `${folder.path}/.`, at("again"), at("a.plan.yaml")];
    expect(found(folderLibrary(places), "build")).toEqual(["a.plan.yaml 0.0.0"]);
  });

  it("refuses two files with one name and version when that plan is looked for, and no other plan", async () => {
    await writeFile(at("a.plan.yaml"), plan("build"));
    await writeFile(at("b.plan.yaml"), plan("build", "0.0.0"));
    await writeFile(at("c.plan.yaml"), plan("test"));
    const library = folderLibrary([folder.path]);
    expect(found(library, "test")).toHaveLength(1);
    expect(() => library.find("build")).toThrow(/build@0\.0\.0: .*a\.plan\.yaml and .*b\.plan\.yaml/);
    expect(() => library.find("build")).toThrow(expect.objectContaining({ code: "plan-twice" }));
  });

  it("keeps what is wrong with files that cannot be read, and goes on with the others", async () => {
    await writeFile(at("a.plan.yaml"), "plan: [build\n");
    await writeFile(at("b.plan.yaml"), plan("test"));
    await writeFile(at("c.plan.yaml"), "just a text\n");
    await mkdir(at("d.plan.yaml"));
    await symlink(at("nowhere"), at("e.plan.yaml"));
    const library = folderLibrary([folder.path]);
    expect(found(library, "test")).toHaveLength(1);
    expect(library.problems()).toMatchObject([
      { file: at("a.plan.yaml"), severity: "error", line: expect.any(Number) },
      { file: at("d.plan.yaml"), code: "plan-file-unreadable" },
      { file: at("e.plan.yaml"), code: "plan-file-unreadable" },
    ]);
  });

  it("of a place that is not there is a fault that names it", () => {
    expect(() => folderLibrary([at("nowhere")]).find("build")).toThrow(
      expect.objectContaining({ code: "plans-unreadable", message: expect.stringContaining(at("nowhere")) }),
    );
  });

  it("of more files than it looks at is a fault", async () => {
    await Promise.all(
      Array.from({ length: 1_001 }, (_, index) => writeFile(at(`${index}.plan.yaml`), plan(`p${index}`))),
    );
    expect(() => folderLibrary([folder.path]).names()).toThrow(
      expect.objectContaining({ code: "too-many-plan-files" }),
    );
  });
});
