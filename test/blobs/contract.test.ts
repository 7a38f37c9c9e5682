import { readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe } from "vitest";
import type { BlobRef } from "#events/payload.ts";
import { openFileBlobs } from "#src/blobs/file.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { blobStoreContract } from "../contracts/blob-store.ts";
import { temporaryFolder } from "../store/folder.ts";

describe("the file store of blobs", () => {
  blobStoreContract(async () => {
    const folder = await temporaryFolder();
    const directory = path.join(folder.path, "blobs");
    const fileOf = (ref: string): string => path.join(directory, ref.slice(0, 2), ref);
    return {
      blobs: await openFileBlobs(directory),
      reopen: () => openFileBlobs(directory),
      damage: async (ref) => writeFile(fileOf(ref), flipped(await readFile(fileOf(ref)))),
      age: (ref, writtenAt) => utimes(fileOf(ref), new Date(writtenAt), new Date(writtenAt)),
      now: () => systemClock.now(),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });
});

describe("the in-memory store of blobs", () => {
  blobStoreContract(async () => {
    const contents: BlobContents = new Map();
    const change = (ref: string, change: (blob: Stored) => Partial<Stored>): void => {
      const blob = contents.get(ref as BlobRef)!;
      contents.set(ref as BlobRef, { ...blob, ...change(blob) });
    };
    return {
      blobs: memoryBlobs(contents, CLOCK),
      reopen: async () => memoryBlobs(contents, CLOCK),
      damage: async (ref) => change(ref, ({ bytes }) => ({ bytes: flipped(bytes) })),
      age: async (ref, writtenAt) => change(ref, () => ({ writtenAt })),
      now: CLOCK.now,
      [Symbol.asyncDispose]: async () => contents.clear(),
    };
  });
});

type Stored = NonNullable<ReturnType<BlobContents["get"]>>;

const CLOCK = { now: () => Date.UTC(2026, 0) };

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
}
