import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { onlyWhenMissing, type Disk } from "./disk.ts";

// Small files of ours under the git directory: whole or not there, and durable.

export async function writeKept(disk: Disk, file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.new`;
  // A crash has left it.
  await disk.unlink(draft).catch(onlyWhenMissing);
  await disk.create(draft, Buffer.from(JSON.stringify(value)));
  await disk.rename(draft, file);
  await disk.flush(path.dirname(file));
}

/** Undefined where there is none. Throws where it is not what it should be. */
export async function readKept<T>(disk: Disk, file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await disk.read(file).catch(onlyWhenMissing);
  return bytes === undefined ? undefined : schema.parse(JSON.parse(bytes.toString()));
}

export async function removeKept(disk: Disk, file: string): Promise<void> {
  const entry = await disk.entry(file);
  if (entry === undefined) return;
  await disk.unlink(file);
  await disk.flush(path.dirname(file));
}
