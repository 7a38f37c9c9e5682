// fs.snapshot and fs.restore: what a file was before a step wrote it, and the way back.
//
// F1. The way back never overwrites what somebody else has written since: a file that is neither as it was before nor as
//     the step wrote it fails with `changed-since`, and stays.
// F2. A file that is as it was before is left alone, so that restoring may run again, and also when the step never ran.
// F3. Looking and replacing are two operations of the file system: somebody who writes in between is not noticed.

import { createHash } from "node:crypto";
import { stat, unlink } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, ToolFailure, type ToolContext } from "../define.ts";
import { readBytes } from "./file-content.ts";
import { bytesOf, flushDirectory, replaceFile } from "./file-replace.ts";
import { openParent, pathArgument, withPath, type PinnedFile } from "./root.ts";

const snapshot = z.strictObject({
  path: z.string(),
  content: z.string().nullable().describe("base64; null where there is no file"),
  mode: z.int().nullable().describe("permission bits"),
});

type Snapshot = z.output<typeof snapshot>;

const outcome = z.enum(["restored", "removed", "untouched"]);
type Outcome = z.output<typeof outcome>;

const MODE_BITS = 0o777;

export const fsSnapshot = defineTool({
  name: "fs.snapshot",
  version: "1.0.0",
  description: "Keeps what a file inside the root is, or that there is none, for `fs.restore`.",
  input: z.strictObject({ path: pathArgument }),
  output: snapshot,
  sideEffects: "read",
  run: ({ path: name }, context) => taken(name, context),
});

export const fsRestore = defineTool({
  name: "fs.restore",
  version: "1.0.0",
  description: "Takes a write back: puts a file as `fs.snapshot` kept it, unless somebody changed what was written.",
  input: z.strictObject({
    before: snapshot.describe("the output of `fs.snapshot`"),
    text: z.string().describe("what was written since"),
    encoding: z.enum(["utf8", "base64"]).default("utf8").describe("what `text` is"),
  }),
  output: z.object({ path: z.string(), outcome }),
  sideEffects: "write",
  idempotent: true,
  async run({ before, text, encoding }, context): Promise<{ path: string; outcome: Outcome }> {
    const found = await taken(before.path, context);
    if (found.content === before.content) return { path: before.path, outcome: "untouched" };
    const written = bytesOf(before.path, text, encoding).toString("base64");
    if (found.content !== written) throw changedSince(before, written, found);
    await using file = await openParent(context.roots.fs, before.path);
    return { path: before.path, outcome: await withPath(before.path, () => putBack(file, before, context.signal)) };
  },
});

async function taken(name: string, context: ToolContext): Promise<Snapshot> {
  try {
    const bytes = await readBytes(context, name);
    await using file = await openParent(context.roots.fs, name);
    const { mode } = await withPath(name, () => stat(path.join(file.directory.path, file.name)));
    return { path: name, content: bytes.toString("base64"), mode: mode & MODE_BITS };
  } catch (error) {
    if (error instanceof ToolFailure && error.category === "not-found") {
      return { path: name, content: null, mode: null };
    }
    throw error;
  }
}

async function putBack(file: PinnedFile, { content, mode }: Snapshot, signal: AbortSignal): Promise<Outcome> {
  if (content === null) {
    await unlink(path.join(file.directory.path, file.name));
    await flushDirectory(file.directory.path);
    return "removed";
  }
  const bytes = Buffer.from(content, "base64");
  await replaceFile(file, { bytes, ...(mode === null ? {} : { mode }) }, signal);
  return "restored";
}

function changedSince(before: Snapshot, written: string, found: Snapshot): ToolFailure {
  const details = { before: digestOf(before.content), written: digestOf(written), found: digestOf(found.content) };
  return new ToolFailure(
    "conflict",
    `${before.path}: somebody has changed it since; it stays as it is. Put it right by hand, then roll back again`,
    { code: "changed-since", details },
  );
}

/** SHA-256 of the bytes, or null where there is no file. */
function digestOf(content: string | null): string | null {
  return content === null ? null : createHash("sha256").update(Buffer.from(content, "base64")).digest("hex");
}
