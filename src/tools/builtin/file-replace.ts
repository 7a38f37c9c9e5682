// Putting a whole file of the root in the place of another.
//
// W1. Readers see the old content or the new, never a part: written beside, flushed, renamed over.
// W2. A crash in between may leave a temporary file `.planwright-<pid>-<n>.tmp` in that directory, and nothing else.

import { constants } from "node:fs";
import { open, rename, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { ToolFailure } from "../define.ts";
import { MAX_FILE_BYTES } from "./file-content.ts";
import type { PinnedFile } from "./root.ts";

const DEFAULT_MODE = 0o666;
const PERMISSION_BITS = 0o777;
const MAX_TEMPORARY_NAMES = 100;

/** The bytes of an argument. Fails with `file-too-large` (resource-exhausted). */
export function bytesOf(name: string, text: string, encoding: "utf8" | "base64"): Buffer {
  const bytes = Buffer.from(text, encoding);
  if (bytes.length <= MAX_FILE_BYTES) return bytes;
  throw new ToolFailure("resource-exhausted", `${name}: more than ${MAX_FILE_BYTES} bytes`, { code: "file-too-large" });
}

/** Durable when it resolves. Keeps the mode of the file that was there, unless one is given. */
export async function replaceFile(
  file: PinnedFile,
  { bytes, mode }: { readonly bytes: Buffer; readonly mode?: number },
  signal: AbortSignal,
): Promise<void> {
  const target = path.join(file.directory.path, file.name);
  const existing = await stat(target).catch(() => undefined);
  const temporary = await createTemporary(file.directory.path);
  try {
    try {
      const kept = mode ?? existing?.mode;
      if (kept !== undefined) await temporary.handle.chmod(kept & PERMISSION_BITS);
      await temporary.handle.writeFile(bytes, { signal });
      await temporary.handle.sync();
    } finally {
      await temporary.handle.close();
    }
    signal.throwIfAborted();
    await rename(temporary.path, target);
  } catch (error) {
    await unlink(temporary.path).catch(() => undefined);
    throw error;
  }
  await flushDirectory(file.directory.path);
}

let serial = 0;

async function createTemporary(directory: string): Promise<{ handle: FileHandle; path: string }> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  for (let tries = 0; ; tries++) {
    const candidate = path.join(directory, `.planwright-${process.pid}-${serial++}.tmp`);
    try {
      return { handle: await open(candidate, flags, DEFAULT_MODE), path: candidate };
    } catch (error) {
      // A crashed process with our number may have left one.
      const taken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!taken || tries >= MAX_TEMPORARY_NAMES) throw error;
    }
  }
}

/** Makes a rename or a removal durable. */
export async function flushDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, constants.O_RDONLY);
  await handle.sync();
}
