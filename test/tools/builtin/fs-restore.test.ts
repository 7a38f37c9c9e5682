import { chmod, readFile, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { fsRestore, fsSnapshot } from "#src/tools/builtin/fs-restore.ts";
import { fsWrite } from "#src/tools/builtin/fs-write.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

const NAME = "notes.md";

/** A write that was looked at before, and the call that takes it back. */
async function written(root: string, text: string) {
  const before = (await outputOf(fsSnapshot, { path: NAME }, { root })) as Json;
  await outputOf(fsWrite, { path: NAME, text }, { root });
  return { back: () => outputOf(fsRestore, { before, text }, { root }), file: path.join(root, NAME) };
}

describe("a write that is taken back", () => {
  it("leaves the file as it was, bytes and mode, and may be taken back again", async () => {
    const root = await temporaryDirectory();
    const bytes = Buffer.from([0xff, 0x00, 0x0a]);
    await writeFile(path.join(root, NAME), bytes);
    await chmod(path.join(root, NAME), 0o640);
    const { back, file } = await written(root, "new");
    await chmod(file, 0o600);
    expect(await back()).toEqual({ path: NAME, outcome: "restored" });
    expect(await readFile(file)).toEqual(bytes);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await back()).toEqual({ path: NAME, outcome: "untouched" });
  });

  it("removes the file where there was none", async () => {
    const root = await temporaryDirectory();
    const { back } = await written(root, "new");
    expect(await back()).toEqual({ path: NAME, outcome: "removed" });
    expect(await readdir(root)).toEqual([]);
    expect(await back()).toEqual({ path: NAME, outcome: "untouched" });
  });

  it("changes nothing where the write never happened", async () => {
    const root = await temporaryDirectory();
    await writeFile(path.join(root, NAME), "old");
    const before = (await outputOf(fsSnapshot, { path: NAME }, { root })) as Json;
    expect(await outputOf(fsRestore, { before, text: "new" }, { root })).toMatchObject({ outcome: "untouched" });
  });

  it("never overwrites what somebody has written since", async () => {
    const texts = fc.option(fc.constantFrom("a", "b", "c", ""), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom("a", "b", "c"), fc.constantFrom("a", "b", "c", "d"), async (...texts) => {
        const [old, text, since] = texts;
        const root = await temporaryDirectory();
        if (old !== undefined) await writeFile(path.join(root, NAME), old);
        const { back, file } = await written(root, text);
        await writeFile(file, since);
        const answer = await back().catch((error: unknown) => String(error));
        const left = await readFile(file, "utf8").catch(() => undefined);
        if (since === text || since === old) expect(left).toBe(old);
        else expect([answer, left]).toEqual([expect.stringMatching(/conflict changed-since: notes\.md/), since]);
      }),
      { numRuns: 60 },
    );
  });
});
