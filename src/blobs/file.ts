import { access, mkdir, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { blobRef, type BlobRef } from "#events/payload.ts";
import type { BlobStore, StoredBlob } from "#src/ports/blob-store.ts";
import type { Clock } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { assertContent, assertSize, missing, refOfBytes } from "#src/blobs/content.ts";
import { guarded, isMissing, renew, syncFolder, writeDurably } from "#src/blobs/disk.ts";
import { PutsUnderWay } from "#src/blobs/puts.ts";
import { RefSet } from "#src/blobs/ref-set.ts";

// Blobs as files named by their content: `<directory>/ab/abcdef…`.
//
// F1. `put` returns after the file's bytes and the entries that lead to it are on the disk: temporary file, fsync, rename, fsync
//     of the folder, and of its parent once by every process, since who made the folder may have been killed before that.
// F2. A file that is already there counts only if its bytes are right, and is made durable all the same: who wrote it
//     may have been killed before the fsync.
// F3. `get` never returns bytes that do not match the reference.
// F4. A blob's age is that of its file. A put waits for a removal of the same blob that has begun, and no removal begins
//     once a put has: what a put has returned is there.

const TEMPORARY = "tmp";
const FAN_OUT_LETTERS = 2;
const FAN_OUT = /^[0-9a-f]{2}$/;

/** Files whose sizes are asked for at once. */
const LISTED_AT_ONCE = 64;

type Now = Pick<Clock, "now">;

/** Opens the directory for writing: makes it and removes what interrupted writers left. One process may do this at a time. */
export async function openFileBlobs(directory: string, clock: Now = systemClock): Promise<BlobStore> {
  await guarded(directory, async () => {
    const temporary = path.join(directory, TEMPORARY);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await syncFolder(path.dirname(directory));
  });
  return new FileBlobStore(directory, clock);
}

/** The blobs of a directory that another process has opened, for reading. */
export function fileBlobs(directory: string): BlobStore {
  return new FileBlobStore(directory, systemClock);
}

class FileBlobStore implements BlobStore {
  readonly #directory: string;
  readonly #clock: Now;
  readonly #puts = new PutsUnderWay();
  /** Folders whose entries in the directory are durable. */
  readonly #folders = new Set<string>();
  readonly #removing = new Map<BlobRef, Promise<boolean>>();
  /** What was put through this handle. */
  readonly #own = new RefSet();

  constructor(directory: string, clock: Now) {
    this.#directory = directory;
    this.#clock = clock;
  }

  refOf(bytes: Uint8Array): BlobRef {
    return refOfBytes(bytes);
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    assertSize(bytes);
    const ref = refOfBytes(bytes);
    this.#own.add(ref);
    await this.#puts.once(ref, () => guarded(this.#directory, () => this.#store(ref, bytes)));
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

  async *list(): AsyncGenerator<StoredBlob> {
    const folders = (await this.#names(this.#directory)).filter((name) => FAN_OUT.test(name));
    for (const folder of folders) {
      const refs = (await this.#names(path.join(this.#directory, folder))).flatMap((name) => refsAmong(name, folder));
      for (let from = 0; from < refs.length; from += LISTED_AT_ONCE) {
        const found = await Promise.all(refs.slice(from, from + LISTED_AT_ONCE).map((ref) => this.#stored(ref)));
        for (const blob of found) if (blob !== undefined) yield blob;
      }
    }
  }

  async remove(ref: BlobRef, before: number): Promise<boolean> {
    const removing = this.#removing.get(ref) ?? guarded(this.#directory, () => this.#removeOld(ref, before));
    this.#removing.set(ref, removing);
    try {
      return await removing;
    } finally {
      this.#removing.delete(ref);
    }
  }

  async #removeOld(ref: BlobRef, before: number): Promise<boolean> {
    const found = await this.#stored(ref);
    // A put that began meanwhile has seen to it that this removal is waited for, or has come first.
    if (found === undefined || found.writtenAt >= before || this.#own.has(ref)) return false;
    await unlink(this.#fileOf(ref));
    return true;
  }

  #stored(ref: BlobRef): Promise<StoredBlob | undefined> {
    return this.#unlessMissing(async () => {
      const { size, mtimeMs } = await stat(this.#fileOf(ref));
      return { ref, bytes: size, writtenAt: mtimeMs };
    });
  }

  async #names(folder: string): Promise<readonly string[]> {
    const names = await this.#unlessMissing(() => readdir(folder));
    return (names ?? []).sort();
  }

  async #store(ref: BlobRef, bytes: Uint8Array): Promise<void> {
    await this.#removing.get(ref)?.catch(() => false);
    const file = this.#fileOf(ref);
    const there = await this.#bytes(ref);
    if (there !== undefined && refOfBytes(there) === ref) {
      await renew(file, this.#clock.now());
    } else {
      await this.#write(ref, bytes);
    }
    await this.#syncEntries(path.dirname(file));
  }

  async #syncEntries(folder: string): Promise<void> {
    await syncFolder(folder);
    if (this.#folders.has(folder)) return;
    await syncFolder(this.#directory);
    this.#folders.add(folder);
  }

  async #write(ref: BlobRef, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(ref);
    const temporary = path.join(this.#directory, TEMPORARY, ref);
    try {
      await writeDurably(temporary, bytes, this.#clock.now());
      await mkdir(path.dirname(file), { recursive: true });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #bytes(ref: BlobRef): Promise<Uint8Array | undefined> {
    return this.#unlessMissing(() => readFile(this.#fileOf(ref)));
  }

  #unlessMissing<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
    return guarded(this.#directory, async () => {
      try {
        return await look();
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  #fileOf(ref: BlobRef): string {
    return path.join(this.#directory, ref.slice(0, FAN_OUT_LETTERS), ref);
  }
}

/** What is no blob of this folder is not this store's. */
function refsAmong(name: string, folder: string): readonly BlobRef[] {
  const ref = blobRef.safeParse(name);
  return ref.success && name.startsWith(folder) ? [ref.data] : [];
}
