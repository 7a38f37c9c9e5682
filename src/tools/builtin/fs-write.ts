// fs.write: replaces a whole file of the root.
//
// W1. Readers see the old content or the new, never a part: written beside, flushed, renamed over.
// W2. Idempotent: the same arguments leave the same file however often they run, so a lost attempt may run again.
// W3. A crash in between may leave a temporary file `.planwright-<pid>-<n>.tmp` in that directory, and nothing else.

import { constants } from "node:fs";
import { open, rename, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, ToolFailure } from "../define.ts";
import { MAX_FILE_BYTES } from "./file-content.ts";
import { openParent, pathArgument, withPath } from "./root.ts";
import type { PinnedFile } from "./root.ts";

const DEFAULT_MODE = 0o666;
const PERMISSION_BITS = 0o777;
const MAX_TEMPORARY_NAMES = 100;

export const fsWrite = defineTool({
  name: "fs.write",
  version: "1.0.0",
  description: "Writes a file inside the root at once and durably, making missing directories.",
  input: z.strictObject({
    path: pathArgument,
    text: z.string(),
    encoding: z.enum(["utf8", "base64"]).default("utf8").describe("what `text` is"),
  }),
  output: z.object({ path: z.string(), bytes: z.int() }),
  sideEffects: "write",
  idempotent: true,
  async run({ path: name, text, encoding }, context) {
    const bytes = Buffer.from(text, encoding);
    if (bytes.length > MAX_FILE_BYTES) {
      throw new ToolFailure("resource-exhausted", `${name}: more than ${MAX_FILE_BYTES} bytes`, {
        code: "file-too-large",
      });
    }
    await using file = await openParent(context.roots.fs, name, true);
    await withPath(name, () => replace(file, bytes, context.signal));
    return { path: file.relative, bytes: bytes.length };
  },
});

async function replace(file: PinnedFile, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const target = path.join(file.directory.path, file.name);
  const existing = await stat(target).catch(() => undefined);
  const temporary = await createTemporary(file.directory.path);
  try {
    try {
      if (existing !== undefined) await temporary.handle.chmod(existing.mode & PERMISSION_BITS);
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

/** Makes the rename itself durable. */
async function flushDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, constants.O_RDONLY);
  await handle.sync();
}
