import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fileBlobs, openFileBlobs } from "#src/blobs/file.ts";
import { temporaryFolder } from "../store/folder.ts";

const BYTES = new TextEncoder().encode("a report");

describe("the folder of blobs", () => {
  it("holds each blob under the first letters of its name", async () => {
    await using folder = await temporaryFolder();
    const blobs = await openFileBlobs(folder.path);
    const ref = await blobs.put(BYTES);
    expect(await readdir(path.join(folder.path, ref.slice(0, 2)))).toEqual([ref]);
    expect(await readdir(path.join(folder.path, "tmp"))).toEqual([]);
  });

  it("loses what an interrupted writer left, and nothing else, when it is opened", async () => {
    await using folder = await temporaryFolder();
    const ref = await (await openFileBlobs(folder.path)).put(BYTES);
    await writeFile(path.join(folder.path, "tmp", "half"), "a rep");
    const blobs = await openFileBlobs(folder.path);
    expect(await readdir(path.join(folder.path, "tmp"))).toEqual([]);
    expect(await blobs.has(ref)).toBe(true);
  });

  it("is read beside its writer, and where there is none", async () => {
    await using folder = await temporaryFolder();
    const ref = await (await openFileBlobs(folder.path)).put(BYTES);
    expect([...(await fileBlobs(folder.path).get(ref))]).toEqual([...BYTES]);
    const nowhere = fileBlobs(path.join(folder.path, "nowhere"));
    await expect(nowhere.get(ref)).rejects.toMatchObject({ code: "blob-missing" });
  });

  it("gives nothing of a file that a link in a blob's place leads to, and writes to none", async () => {
    await using folder = await temporaryFolder();
    const root = path.join(folder.path, "blobs");
    const blobs = await openFileBlobs(root);
    const outside = path.join(folder.path, "private.txt");
    await writeFile(outside, "private");
    const ref = blobs.refOf(BYTES);
    await mkdir(path.join(root, ref.slice(0, 2)), { recursive: true });
    await symlink(outside, path.join(root, ref.slice(0, 2), ref));
    const refusal: unknown = await blobs.get(ref).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "blob-damaged" });
    expect(String(refusal)).not.toContain("private");
    await blobs.put(BYTES);
    expect(await readFile(outside, "utf8")).toBe("private");
  });

  it("that cannot be written is a fault, and the same put works afterwards", async () => {
    await using folder = await temporaryFolder();
    const blobs = await openFileBlobs(folder.path);
    const inTheWay = path.join(folder.path, blobs.refOf(BYTES).slice(0, 2));
    await writeFile(inTheWay, "");
    await expect(blobs.put(BYTES)).rejects.toMatchObject({ code: "store-unavailable" });
    expect(await readdir(path.join(folder.path, "tmp"))).toEqual([]);
    await rm(inTheWay);
    await mkdir(inTheWay);
    expect(await blobs.has(await blobs.put(BYTES))).toBe(true);
  });
});
