// fs.write: replaces a whole file of the root.
//
// W1. Idempotent: the same arguments leave the same file however often they run, so a lost attempt may run again.
// W2. For the same reason its output cannot say what was there before: an attempt that runs again would find its own text.

import { z } from "zod";
import { defineTool } from "../define.ts";
import { bytesOf, replaceFile } from "./file-replace.ts";
import { openParent, pathArgument, withPath } from "./root.ts";

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
    const bytes = bytesOf(name, text, encoding);
    await using file = await openParent(context.roots.fs, name, true);
    await withPath(name, () => replaceFile(file, { bytes }, context.signal));
    return { path: file.relative, bytes: bytes.length };
  },
});
