// What one assessment looks at: the files of a directory as they were when it began, read at most once each and hashed only where
// somebody asks. All checks of one assessment share it.
//
// S1. A pattern finds files that are not ignored; a name without wildcards is looked for as it is, ignored or not.
// S2. A link counts as the file that it leads to where that lies inside the directory; else it is no file here.
// S3. A file is read through its own name, never through a link that took its place meanwhile, and a pipe does not keep anybody waiting.

import { createHash } from "node:crypto";
import { constants, lstatSync, realpathSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { compileGlob } from "#src/tools/builtin/glob-pattern.ts";
import type { ToolContext } from "#src/tools/define.ts";
import { Entries, type CodeFile } from "#src/implementation/codebase/listing/entries.ts";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import type { StatIndex } from "./stat-index.ts";

const CHUNK_BYTES = 256 * 1024;
const READERS = 16;

export class Survey {
  /** Absolute, without links. */
  readonly base: string;
  readonly #files: ReadonlyMap<string, CodeFile>;
  readonly #index: StatIndex;
  readonly #clock: ToolContext["clock"];
  readonly #hashes = new Map<string, Promise<string | undefined>>();
  readonly #selected = new Map<string, readonly string[]>();

  private constructor(base: string, files: readonly CodeFile[], around: SurveyAround) {
    this.base = base;
    this.#files = new Map(files.flatMap((file) => (file.kind === "other" ? [] : [[file.path, file]])));
    this.#index = around.index;
    this.#clock = around.context.clock;
  }

  /** Fails with `too-many-entries`. */
  static async of(base: string, around: SurveyAround): Promise<Survey> {
    const { files } = await filesOf(around.context, base, around.store);
    return new Survey(base, files, around);
  }

  get size(): number {
    return this.#files.size;
  }

  /** Whether a file of this name is there and not ignored. */
  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** Files by their patterns, in the order of their names. Fails with `bad-pattern`. */
  select(patterns: readonly string[]): readonly string[] {
    const key = JSON.stringify(patterns);
    const known = this.#selected.get(key);
    if (known !== undefined) return known;
    const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
    const left = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
    const isWanted = matcherOf(wanted.length === 0 ? ["**"] : wanted);
    const isLeft = left.length === 0 ? () => false : matcherOf(left);
    const listed = [...this.#files.keys()].filter((name) => isWanted(name) && this.#isFile(name));
    const named = wanted.filter((name) => !hasWildcard(name) && !this.#files.has(name) && this.#standsThere(name));
    const names = [...new Set([...listed, ...named])].filter((name) => !isLeft(name)).sort();
    this.#selected.set(key, names);
    return names;
  }

  /** What was listed: files and links. */
  files(): readonly CodeFile[] {
    return [...this.#files.values()];
  }

  /** Every file that is not ignored. */
  all(): readonly string[] {
    return this.select(["**"]);
  }

  /** Of a file's content; undefined where it is not there any more. */
  hash(name: string): Promise<string | undefined> {
    let hash = this.#hashes.get(name);
    if (hash === undefined) {
      hash = this.#hashNow(name);
      this.#hashes.set(name, hash);
    }
    return hash;
  }

  /** In the order of the names; as many are read at once as READERS says. */
  async hashes(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (let from = 0; from < names.length; from += READERS) {
      signal.throwIfAborted();
      const some = names.slice(from, from + READERS);
      const hashed = await Promise.all(some.map((name) => this.hash(name)));
      for (const [at, name] of some.entries()) found.set(name, hashed[at] ?? "gone");
    }
    return found;
  }

  /** Its bytes, or why there are none. S3. */
  async read(name: string, maxBytes: number): Promise<Uint8Array | "file-too-large" | "file-unreadable" | undefined> {
    const place = this.#placeOf(name);
    const opened = place === undefined ? undefined : await openForReading(place);
    if (opened === undefined || opened === "file-unreadable") return opened;
    await using handle = opened.handle;
    if (opened.size > maxBytes) return "file-too-large";
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of chunksOf(handle, opened.size)) {
      bytes += chunk.length;
      if (bytes > maxBytes) return "file-too-large";
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  }

  /** 0 for what is not there any more. */
  bytesOf(name: string): number {
    const place = this.#placeOf(name);
    return place === undefined ? 0 : (lstatSync(place, { throwIfNoEntry: false })?.size ?? 0);
  }

  isExecutable(name: string): boolean {
    return ((this.#files.get(name)?.stats.mode ?? 0) & 0o100) !== 0;
  }

  /** Size and time of whatever stands there, ignored or not. */
  stampOf(name: string): readonly number[] | undefined {
    const stats = lstatSync(path.join(this.base, name), { throwIfNoEntry: false });
    return stats && [stats.size, stats.mtimeMs];
  }

  /** Keeps what was found out about contents. */
  async save(): Promise<void> {
    await this.#index.save(this.#files);
  }

  async #hashNow(name: string): Promise<string | undefined> {
    const place = this.#placeOf(name);
    const stats = place === undefined ? undefined : lstatSync(place, { throwIfNoEntry: false });
    if (place === undefined || stats === undefined) return undefined;
    const known = this.#index.known(name, stats);
    if (known !== undefined) return known;
    const nowMs = this.#clock.now();
    const opened = await openForReading(place);
    if (opened === undefined || opened === "file-unreadable") return opened;
    await using handle = opened.handle;
    const hashing = createHash("sha256");
    for await (const chunk of chunksOf(handle, opened.size)) hashing.update(chunk);
    const hash = hashing.digest("base64url");
    this.#index.learn(name, stats, { hash, nowMs });
    return hash;
  }

  #isFile(name: string): boolean {
    return this.#files.get(name)?.kind === "file" || this.#placeOf(name) !== undefined;
  }

  /** S1: what is ignored is not listed. */
  #standsThere(name: string): boolean {
    const plain = path.posix.normalize(name);
    if (plain.startsWith("../") || path.isAbsolute(plain) || plain === ".") return false;
    const found = new Entries(this.base).fileAt(plain);
    return found !== undefined && found.kind !== "other" && this.#placeOf(plain) !== undefined;
  }

  /** Where its bytes are; undefined for what leads out, leads nowhere, or is no file. S2. */
  #placeOf(name: string): string | undefined {
    const place = path.join(this.base, name);
    if (this.#files.get(name)?.kind === "file") return place;
    try {
      const real = realpathSync(place);
      const isInside = real.startsWith(`${this.base}${path.sep}`);
      return isInside && lstatSync(real).isFile() ? real : undefined;
    } catch {
      return undefined;
    }
  }
}

export interface SurveyAround {
  readonly context: ToolContext;
  /** Absolute folder of the store, which is no part of what is looked at. */
  readonly store?: string | undefined;
  readonly index: StatIndex;
}

/** Whether a path is one of those meant; `*` is any name here, also one that begins with a dot. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const glob = compileGlob(patterns, { hidden: true });
  const folders = new Map([["", glob.start]]);
  const stateIn = (folder: string): typeof glob.start => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const at = folder.lastIndexOf("/");
    const state = glob.step(stateIn(at < 0 ? "" : folder.slice(0, at)), folder.slice(at + 1)).next;
    folders.set(folder, state);
    return state;
  };
  return (name) => {
    const at = name.lastIndexOf("/");
    const state = stateIn(at < 0 ? "" : name.slice(0, at));
    return state.length > 0 && glob.step(state, name.slice(at + 1)).matches;
  };
}

function hasWildcard(pattern: string): boolean {
  return /[*?[{\\]/u.test(pattern);
}

const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface Opened {
  readonly handle: FileHandle;
  readonly size: number;
}

/** Undefined for what is not there, or no file. S3. */
async function openForReading(place: string): Promise<Opened | "file-unreadable" | undefined> {
  try {
    const handle = await open(place, READING);
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size };
    await handle.close();
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" ? undefined : "file-unreadable";
  }
}

/** One read more than its size says sees its end, or that it grows. */
async function* chunksOf(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const length = Math.min(size + 1, CHUNK_BYTES);
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
