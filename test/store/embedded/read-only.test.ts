import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { temporaryFolder } from "../folder.ts";

// Rights do not bind the superuser, so opening happens in a process of somebody else where the tests run as root.

const PROGRAM = fileURLToPath(new URL("./child-open.ts", import.meta.url));
const NOBODY = 65_534;
const run = promisify(execFile);

async function openInChild(directory: string): Promise<string> {
  const somebody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { stdout } = await run(process.execPath, [PROGRAM, directory], { ...somebody, cwd: "/" });
  return stdout.trim();
}

describe("a folder that may not be written", () => {
  it("is refused whether it has a store or not, and works once it may", async () => {
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o555);
    expect(await openInChild(folder.path)).toBe("store-read-only");
    expect(await openInChild(`${folder.path}/.planwright`)).toBe("store-read-only");
    await chmod(folder.path, 0o777);
    expect(await openInChild(`${folder.path}/.planwright`)).toBe("open");
  });

  it("is refused when the store in it belongs to somebody else", async () => {
    await using folder = await temporaryFolder();
    await (await openEmbedded({ directory: folder.path, clock: systemClock }))[Symbol.asyncDispose]();
    for (const name of ["store.db", "lock"]) await chmod(`${folder.path}/${name}`, 0o444);
    await chmod(folder.path, 0o555);
    expect(await openInChild(folder.path)).toBe("store-read-only");
    await chmod(folder.path, 0o777);
    expect(await openInChild(folder.path)).toBe("store-read-only");
  });
});
