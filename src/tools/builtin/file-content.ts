// Reading a whole file of the root under a limit, as bytes or as text that really is UTF-8.

import { ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { openFile, withPath } from "./root.ts";

/** Largest file that a tool reads as one value. An output holds twice that. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

const CHUNK_BYTES = 256 * 1024;

/** Fails with `file-too-large` (resource-exhausted) and what `openFile` fails with. */
export async function readBytes(context: ToolContext, name: string): Promise<Buffer> {
  await using handle = await openFile(context.roots.fs, name);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The size that stat tells is a hint at best: it is 0 in /proc, and a file may grow.
  while (bytes <= MAX_FILE_BYTES) {
    context.signal.throwIfAborted();
    const { bytesRead, buffer } = await withPath(name, () => handle.read(Buffer.allocUnsafe(CHUNK_BYTES)));
    if (bytesRead === 0) return Buffer.concat(chunks, bytes);
    chunks.push(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
  throw new ToolFailure("resource-exhausted", `${name}: larger than ${MAX_FILE_BYTES} bytes`, {
    code: "file-too-large",
  });
}

/** The text without a byte order mark. Fails with `not-utf8` (validation) as well. */
export async function readText(context: ToolContext, name: string): Promise<string> {
  const bytes = await readBytes(context, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ToolFailure("validation", `${name}: is not UTF-8 text`, { code: "not-utf8" });
  }
}
