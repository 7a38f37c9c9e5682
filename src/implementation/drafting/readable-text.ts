import { openFile } from "#src/tools/builtin/root.ts";
import { ToolFailure } from "#src/tools/define.ts";

const MAX_READ_BYTES = 64 * 1_024;

/** The beginning of a text file inside the root; undefined where there is none, where a link leads out, and for bytes that are no text. */
export async function readableText(root: string, path: string): Promise<string | undefined> {
  try {
    await using handle = await openFile(root, path);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_READ_BYTES), 0, MAX_READ_BYTES, 0);
    const text = buffer.subarray(0, bytesRead).toString();
    return text.includes("\0") ? undefined : text;
  } catch (error) {
    if (error instanceof ToolFailure) return undefined;
    throw error;
  }
}
