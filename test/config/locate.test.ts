import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPaths } from "#src/config/check-paths.ts";
import { readConfiguration } from "#src/config/configuration.ts";
import { locateConfiguration } from "#src/config/locate.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

let folder: TemporaryFolder;
const at = (...parts: string[]): string => path.join(folder.path, ...parts);

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("the configuration that counts", () => {
  const locate = async (named?: string, environment: Record<string, string> = {}) => {
    const found = await locateConfiguration({ named, environment, directory: folder.path });
    return found?.ok === true ? [found.configuration.settings.slots, found.configuration.file?.choice] : found;
  };

  it("is the one that is named, before that of the environment, before that of the directory", async () => {
    expect(await locate()).toBeUndefined();
    await writeFile(at("planwright.config.yaml"), "slots: 1");
    expect(await locate()).toEqual([1, "directory"]);
    await writeFile(at("other.yaml"), "slots: 2");
    const environment = { PLANWRIGHT_CONFIG: at("other.yaml") };
    expect(await locate(undefined, environment)).toEqual([2, "environment"]);
    expect(await locate(undefined, { PLANWRIGHT_CONFIG: "" })).toEqual([1, "directory"]);
    await writeFile(at("named.json"), '{ "slots": 3 }');
    expect(await locate(at("named.json"), environment)).toEqual([3, "flag"]);
  });

  it("may be called .yaml, .yml or .json, but only one of them may be there", async () => {
    for (const [ending, text] of Object.entries({ yml: "slots: 4", json: '{ "slots": 4 }' })) {
      await writeFile(at(`planwright.config.${ending}`), text);
      expect(await locate(), ending).toEqual([4, "directory"]);
      if (ending === "yml") await rm(at(`planwright.config.${ending}`));
    }
    await writeFile(at("planwright.config.yaml"), "slots: 1");
    await expect(locate()).rejects.toMatchObject({ code: "config-twice", message: expect.stringMatching(/json/) });
  });

  it("is not looked for above the directory", async () => {
    await writeFile(at("planwright.config.yaml"), "slots: 1");
    await mkdir(at("below"));
    expect(await locateConfiguration({ named: undefined, environment: {}, directory: at("below") })).toBeUndefined();
  });

  it("that cannot be read is a fault, and one that is wrong has findings", async () => {
    await expect(locate(at("nowhere.yaml"))).rejects.toMatchObject({ code: "config-unreadable" });
    await expect(locate(folder.path)).rejects.toMatchObject({
      code: "config-unreadable",
      message: expect.stringMatching(/no file/),
    });
    await writeFile(at("large.yaml"), "#".repeat(1024 * 1024 + 1));
    await expect(locate(at("large.yaml"))).rejects.toMatchObject({
      code: "config-unreadable",
      message: expect.stringMatching(/1048576 bytes/),
    });
    await writeFile(at("wrong.yaml"), "slots: x");
    expect(await locate(at("wrong.yaml"))).toMatchObject({ ok: false, findings: [{ code: "wrong-type" }] });
  });
});

describe("the paths of a configuration", () => {
  const checked = (text: string) => {
    const read = readConfiguration({ text, file: at("c.yaml"), choice: "flag" });
    if (!read.ok) throw new Error("the configuration of a test is wrong");
    return checkPaths(read.configuration).map(({ code, path: where }) => [code, where.join(".")]);
  };

  it("are wrong where they lead to nothing, or to something of another kind", async () => {
    await writeFile(at("file"), "");
    await mkdir(at("directory"));
    expect(checked("root: nowhere\ntools: [./nowhere.ts, ./directory, some-package]\nplans: [nowhere]\n")).toEqual([
      ["path-missing", "root"],
      ["path-missing", "tools.0"],
      ["path-missing", "tools.1"],
      ["path-missing", "plans.0"],
    ]);
    expect(checked("root: file\nsecrets: { files: { directory: file } }")).toEqual([
      ["path-missing", "root"],
      ["path-missing", "secrets.files.directory"],
    ]);
    expect(checked("root: directory\ntools: [file]\nplans: [file, directory]\nstore: made-by-the-first-run")).toEqual(
      [],
    );
    expect(checked("")).toEqual([]);
  });
});
