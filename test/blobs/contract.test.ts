import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe } from "vitest";
import type { BlobRef } from "#events/payload.ts";
import { openFileBlobs } from "#src/blobs/file.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { blobStoreContract } from "../contracts/blob-store.ts";
import { temporaryFolder } from "../store/folder.ts";

describe("the file store of blobs", () => {
  blobStoreContract(async () => {
    const folder = await temporaryFolder();
    const directory = path.join(folder.path, "blobs");
    return {
      blobs: await openFileBlobs(directory),
      reopen: () => openFileBlobs(directory),
      damage: async (ref) => {
        const file = path.join(directory, ref.slice(0, 2), ref);
        await writeFile(file, flipped(await readFile(file)));
      },
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });
});

describe("the in-memory store of blobs", () => {
  blobStoreContract(async () => {
    const contents: BlobContents = new Map();
    return {
      blobs: memoryBlobs(contents),
      reopen: async () => memoryBlobs(contents),
      damage: async (ref) => {
        contents.set(ref as BlobRef, flipped(contents.get(ref as BlobRef)!));
      },
      [Symbol.asyncDispose]: async () => contents.clear(),
    };
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
}
