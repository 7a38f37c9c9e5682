import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { environmentSecrets } from "#src/secrets/environment.ts";
import { fileSecrets, MAX_SECRET_BYTES, widelyReadable } from "#src/secrets/files.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

const { signal } = new AbortController();

describe("a directory of secrets", () => {
  let folder: TemporaryFolder;
  let directory: string;
  const at = (...parts: string[]): string => path.join(directory, ...parts);
  const resolve = (name: string): Promise<string> =>
    secretsFrom(fileSecrets(directory)).resolve({ $secret: name }, signal);
  beforeEach(async () => {
    folder = await temporaryFolder();
    directory = path.join(folder.path, "secrets");
    await mkdir(directory);
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it("gives a file's text without one line end at its end", async () => {
    const texts: [string, string][] = [
      ["value\n", "value"],
      ["value\r\n", "value"],
      ["value\n\n", "value\n"],
      [" two\nlines ", " two\nlines "],
      ["", ""],
    ];
    for (const [text, value] of texts) {
      await writeFile(at("TOKEN"), text);
      expect(await resolve("TOKEN"), JSON.stringify(text)).toBe(value);
    }
  });

  it("follows a link to a version inside it, as container platforms make them, also after a rotation", async () => {
    await mkdir(at("..2026_01"));
    await writeFile(at("..2026_01", "TOKEN"), "first");
    await symlink("..2026_01", at("..data"));
    await symlink(path.join("..data", "TOKEN"), at("TOKEN"));
    expect(await resolve("TOKEN")).toBe("first");
    await mkdir(at("..2026_02"));
    await writeFile(at("..2026_02", "TOKEN"), "second");
    await symlink("..2026_02", at("..new"));
    await rename(at("..new"), at("..data"));
    expect(await resolve("TOKEN")).toBe("second");
  });

  it("follows no link out of it, by whatever way", async () => {
    const outside = path.join(folder.path, "secrets-of-others");
    await mkdir(outside);
    await writeFile(path.join(outside, "TOKEN"), "not yours");
    await symlink(path.join(outside, "TOKEN"), at("DIRECT"));
    await symlink(outside, at("folder"));
    await symlink(path.join("folder", "TOKEN"), at("THROUGH"));
    await symlink("..", at("UP"));
    for (const name of ["DIRECT", "THROUGH", "UP"]) {
      await expect(resolve(name), name).rejects.toMatchObject({
        code: "secret-unreadable",
        message: expect.stringMatching(/leads out of the directory/),
      });
    }
  });

  it("refuses what is no file, too large or no text, and says no more than that", async () => {
    await mkdir(at("FOLDER"));
    execFileSync("mkfifo", [at("PIPE")]);
    await writeFile(at("LARGE"), "x".repeat(MAX_SECRET_BYTES + 1));
    await writeFile(at("LARGEST"), "x".repeat(MAX_SECRET_BYTES));
    await writeFile(at("BINARY"), Buffer.from([0x68, 0xff, 0xfe]));
    await symlink("LOOP", at("LOOP"));
    for (const [name, why] of Object.entries({
      FOLDER: /no file/,
      PIPE: /no file/,
      LARGE: /more than 65536 bytes/,
      BINARY: /no UTF-8 text$/,
      LOOP: /ELOOP/,
    })) {
      await expect(resolve(name), name).rejects.toMatchObject({
        code: "secret-unreadable",
        message: expect.stringMatching(why),
      });
    }
    expect(await resolve("LARGEST")).toHaveLength(MAX_SECRET_BYTES);
  });

  it("that does not exist has no secrets", async () => {
    const nowhere = secretsFrom(fileSecrets(at("nowhere")), environmentSecrets({ PLANWRIGHT_SECRET_A: "there" }));
    expect(await nowhere.resolve({ $secret: "A" }, signal)).toBe("there");
    await expect(nowhere.resolve({ $secret: "B" }, signal)).rejects.toMatchObject({
      code: "secret-missing",
      message: `there is no secret B; looked for the file ${at("nowhere", "B")}, the environment variable PLANWRIGHT_SECRET_B`,
    });
  });

  it("comes before the environment, and a file that cannot be used is not passed over", async () => {
    const both = secretsFrom(fileSecrets(directory), environmentSecrets({ PLANWRIGHT_SECRET_A: "environment" }));
    expect(await both.resolve({ $secret: "A" }, signal)).toBe("environment");
    await writeFile(at("A"), "file");
    expect(await both.resolve({ $secret: "A" }, signal)).toBe("file");
    await writeFile(at("A"), Buffer.from([0xff]));
    await expect(both.resolve({ $secret: "A" }, signal)).rejects.toMatchObject({ code: "secret-unreadable" });
  });

  it("names the files that others may read, and only those", async () => {
    for (const [name, mode] of Object.entries({ MINE: 0o600, READ_ONLY: 0o400, GROUP: 0o640, ALL: 0o644 })) {
      await writeFile(at(name), "value");
      await chmod(at(name), mode);
    }
    await writeFile(at(".hidden"), "value");
    await chmod(at(".hidden"), 0o644);
    expect((await widelyReadable(directory)).toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
      { file: at("ALL"), mode: "644" },
      { file: at("GROUP"), mode: "640" },
    ]);
    expect(await widelyReadable(at("nowhere"))).toEqual([]);
  });
});
