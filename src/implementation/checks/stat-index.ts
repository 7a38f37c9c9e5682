// What the files of a directory contained when they were last read, by what the system says of them: so that a file that nobody has
// touched is not read again.
//
// I1. An entry counts where size, times, inode and mode are what they were, and the file had been left alone for SETTLED_MS when it was
//     read: a change within the grain of the times is never taken for none (git calls such entries racy).
// I2. The index is only an aid: a damaged or missing one costs reading the files again, and nothing else.
// I3. It is replaced as a whole by a rename. Who writes last wins; entries are true whoever wrote them.

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { FileStats } from "#src/implementation/codebase/listing/entries.ts";

const SETTLED_MS = 2_000;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
const FORMAT = 1;

/** size, mtime, ctime, inode, mode, hash */
const entry = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.string()]);
const kept = z.object({ format: z.literal(FORMAT), files: z.record(z.string(), entry) });
type Entry = z.output<typeof entry>;

export class StatIndex {
  readonly #file: string | undefined;
  readonly #entries: Map<string, Entry>;
  readonly #fresh = new Map<string, Entry>();

  private constructor(file: string | undefined, entries: Iterable<readonly [string, Entry]>) {
    this.#file = file;
    this.#entries = new Map(entries);
  }

  /** Undefined: nothing is kept. */
  static async open(file: string | undefined): Promise<StatIndex> {
    return new StatIndex(file, file === undefined ? [] : await entriesOf(file));
  }

  known(name: string, stats: FileStats): string | undefined {
    const found = this.#fresh.get(name) ?? this.#entries.get(name);
    if (found === undefined) return undefined;
    const [size, mtime, ctime, inode, mode, hash] = found;
    const isSame =
      size === stats.size &&
      mtime === stats.mtimeMs &&
      ctime === stats.ctimeMs &&
      inode === stats.ino &&
      mode === stats.mode;
    return isSame ? hash : undefined;
  }

  /** `nowMs` is when it was begun to be read. I1. */
  learn(name: string, stats: FileStats, read: { readonly hash: string; readonly nowMs: number }): void {
    if (Math.max(stats.mtimeMs, stats.ctimeMs) + SETTLED_MS > read.nowMs) return;
    this.#fresh.set(name, [stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino, stats.mode, read.hash]);
  }

  /** Keeps what was learned of files that are still there. I3. */
  async save(present: { has(name: string): boolean }): Promise<void> {
    if (this.#file === undefined || this.#fresh.size === 0) return;
    for (const [name, one] of this.#fresh) this.#entries.set(name, one);
    this.#fresh.clear();
    const files = Object.fromEntries([...this.#entries].filter(([name]) => present.has(name)));
    await replaceFile(this.#file, JSON.stringify({ format: FORMAT, files }));
  }
}

async function entriesOf(file: string): Promise<readonly (readonly [string, Entry])[]> {
  const text = await textOf(file, MAX_INDEX_BYTES);
  const read = kept.safeParse(parsed(text));
  return read.success ? Object.entries(read.data.files) : [];
}

/** Undefined where there is none that can be read. */
export async function textOf(file: string, maxBytes: number): Promise<string | undefined> {
  try {
    const bytes = await readFile(file);
    return bytes.length > maxBytes ? undefined : bytes.toString();
  } catch {
    return undefined;
  }
}

export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

let written = 0;

/** Whoever reads it finds the old text or the new one. A folder that takes nothing is no reason to fail: I2. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}-${(written += 1)}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(beside, text);
    await rename(beside, file);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}
