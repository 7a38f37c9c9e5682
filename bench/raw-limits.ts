import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

// What the disk gives to anybody, measured in the same run as what it is held against.
// Files are written where the suite's store lies, because the disk under it is what sets the limit.

const COMMITS = 500;
const GROUPS = 200;
const RECORDS_PER_GROUP = 50;

/** Appends of so many bytes to a plain file, each followed by fdatasync, per second. */
export function rawCommitsPerSecond(directory: string, bytes: number): number {
  return timed(directory, (file) => {
    const record = Buffer.alloc(bytes, "x");
    for (let index = 0; index < COMMITS; index++) {
      writeSync(file, record);
      fdatasyncSync(file);
    }
    return COMMITS;
  });
}

/** Records per second, when 50 records, each its own write, share one fdatasync. */
export function rawGroupedRecordsPerSecond(directory: string, bytes: number): number {
  return timed(directory, (file) => {
    const record = Buffer.alloc(bytes, "x");
    for (let group = 0; group < GROUPS; group++) {
      for (let index = 0; index < RECORDS_PER_GROUP; index++) writeSync(file, record);
      fdatasyncSync(file);
    }
    return GROUPS * RECORDS_PER_GROUP;
  });
}

function timed(directory: string, write: (file: number) => number): number {
  const file = openSync(join(directory, `raw-${process.hrtime.bigint()}`), "w");
  try {
    const startedAt = performance.now();
    const count = write(file);
    return (count / (performance.now() - startedAt)) * 1000;
  } finally {
    closeSync(file);
  }
}
