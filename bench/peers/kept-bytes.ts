import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";

// What a folder takes on the disk: blocks, not lengths, since files are preallocated here and sparse there.

const BLOCK_BYTES = 512;

/** `leftOut` names folders, at any depth, that do not count. */
export function keptBytes(folder: string, leftOut: readonly string[]): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        !path
          .relative(folder, file)
          .split(path.sep)
          .some((part) => leftOut.includes(part)),
    )
    .reduce((sum, file) => sum + lstatSync(file).blocks * BLOCK_BYTES, 0);
}
