import { access, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { BlobRef } from "#events/payload.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { assertContent, assertSize, missing, refOfBytes } from "#src/blobs/content.ts";

// Blobs as files named by their content: `<directory>/ab/abcdef…`.
//
// F1. `put` returns after the file's bytes and the folder's entry are on the disk: temporary file, fsync, rename, fsync
//     of the folder (and of its parent when the folder is new).
// F2. A file that is already there counts only if its bytes are right, and is made durable all the same: who wrote it
//     may have been killed before the fsync.
// F3. `get` never returns bytes that do not match the reference.

const TEMPORARY = "tmp";
const FAN_OUT_LETTERS = 2;
const FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Opens the directory for writing: makes it and removes what interrupted writers left. One process may do this at a time. */
export async function openFileBlobs(directory: string): Promise<BlobStore> {
  await guarded(directory, async () => {
    const temporary = path.join(directory, TEMPORARY);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await syncFolder(path.dirname(directory));
  });
  return fileBlobs(directory);
}

/** The blobs of a directory that another process has opened, for reading. */
export function fileBlobs(directory: string): BlobStore {
  return new FileBlobStore(directory);
}

class FileBlobStore implements BlobStore {
  readonly #directory: string;
  /** Writes under way: the same bytes put twice at once are written once. */
  readonly #writing = new Map<BlobRef, Promise<void>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  refOf(bytes: Uint8Array): BlobRef {
    return refOfBytes(bytes);
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    assertSize(bytes);
    const ref = refOfBytes(bytes);
    const writing = this.#writing.get(ref) ?? guarded(this.#directory, () => this.#store(ref, bytes));
    this.#writing.set(ref, writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(ref);
    }
    return ref;
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    const bytes = await this.#bytes(ref);
    if (bytes === undefined) throw missing(ref);
    return assertContent(ref, bytes);
  }

  async has(ref: BlobRef): Promise<boolean> {
    return access(this.#fileOf(ref)).then(
      () => true,
      () => false,
    );
  }

  async #store(ref: BlobRef, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(ref);
    const there = await this.#bytes(ref);
    if (there !== undefined && refOfBytes(there) === ref) {
      await syncFile(file);
    } else {
      await this.#write(ref, bytes);
    }
    await syncFolder(path.dirname(file));
  }

  async #write(ref: BlobRef, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(ref);
    const temporary = path.join(this.#directory, TEMPORARY, ref);
    try {
      const handle = await open(temporary, "w");
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      const made = await mkdir(path.dirname(file), { recursive: true });
      await rename(temporary, file);
      if (made !== undefined) await syncFolder(this.#directory);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #bytes(ref: BlobRef): Promise<Uint8Array | undefined> {
    return guarded(this.#directory, async () => {
      try {
        return await readFile(this.#fileOf(ref));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw error;
      }
    });
  }

  #fileOf(ref: BlobRef): string {
    return path.join(this.#directory, ref.slice(0, FAN_OUT_LETTERS), ref);
  }
}

/** Runs file work and turns what goes wrong into the port's faults. */
async function guarded<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = codeOf(error);
    const details = { path: directory, code };
    if (FULL_CODES.has(code)) {
      throw new Fault("store-full", `no space left for blobs in ${directory}; free some and go on`, {
        retryable: true,
        details,
        cause: error,
      });
    }
    throw new Fault("store-unavailable", `blobs in ${directory} cannot be read or written (${code})`, {
      details,
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
