import { z } from "zod";
import { CHANGE_SIZES } from "#projections/reference-class.ts";
import { threePoints } from "./change.ts";

// What became of files: recorded by the step that merges a change, and all that taking it back needs.
//
// R1. Bytes are kept by git under refs/planwright/, so that no garbage collection takes them; facts have their hashes, and the patch.
// R2. A hash is git's of the bytes as they lie there (no filter in between).

export const fileState = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("file"), mode: z.int().describe("permission bits"), oid: z.string() }),
  z.strictObject({ kind: z.literal("link"), oid: z.string().describe("of its target") }),
]);
export type FileState = z.output<typeof fileState>;

const changedFile = z.strictObject({ path: z.string(), before: fileState, after: fileState });
export type ChangedFile = z.output<typeof changedFile>;

export const changeRecord = z.strictObject({
  change: z.string().describe("its id"),
  base: z.string().describe("commit that was there before"),
  commit: z.string().describe("commit that is there with it"),
  files: z.array(changedFile),
  directories: z.array(z.string()).describe("made for it, the outer ones first"),
  removed: z
    .array(z.strictObject({ path: z.string(), mode: z.int() }))
    .exactOptional()
    .describe("directories that were empty with it, the outer ones first"),
});
export type ChangeRecord = z.output<typeof changeRecord>;

/** What estimates of later changes stand on: that of a change whose arguments are too large for a fact is read in what came of it. */
export const classed = z.object({
  class: z.object({ remedy: z.string(), level: z.int(), size: z.enum(CHANGE_SIZES) }),
  estimate: threePoints.nullable(),
  lines: z.int().describe("that its actions write"),
});
