import { open, type FileHandle } from "node:fs/promises";
import { Fault } from "#events/fault.ts";

// The few things that blobs ask of a disk: bytes, times and names that survive a power cut, and failures as the port's
// faults. What is written here is durable when the call returns.

const FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const MS_PER_SECOND = 1_000;

/** Runs file work and turns what goes wrong into the port's faults. */
export async function guarded<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
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

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** The file's bytes and its time, in ms since the epoch, are on the disk when this returns; its name may not be. */
export function writeDurably(file: string, bytes: Uint8Array, at: number): Promise<void> {
  return using(file, "w", async (handle) => {
    await handle.writeFile(bytes);
    await sync(handle, at);
  });
}

/** Gives a file a new time and sees to it that its bytes are on the disk. */
export function renew(file: string, at: number): Promise<void> {
  return using(file, "r+", (handle) => sync(handle, at));
}

export function syncFolder(folder: string): Promise<void> {
  return using(folder, "r", (handle) => handle.sync());
}

async function sync(handle: FileHandle, at: number): Promise<void> {
  await handle.utimes(at / MS_PER_SECOND, at / MS_PER_SECOND);
  await handle.sync();
}

async function using(file: string, mode: "r" | "r+" | "w", work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, mode);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
