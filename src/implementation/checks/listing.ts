// Which files there are in a directory: those that are not ignored. Git is asked where it keeps the directory, else the folders are
// walked with the rules of their .gitignore files.
//
// L1. Links are listed and not followed; nothing below a link to a folder is listed, whatever the index says.
// L2. A submodule is another repository: neither it nor a repository that lies inside is entered.
// L3. What this program keeps for itself is no part of what is looked at: `.planwright`, and the store's folder wherever it is.
// L4. Names are taken as they are: spaces, line ends and all. A list over MAX_FILES is a failure that says so.

import { lstatSync, type Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { FileStats } from "./stat-index.ts";
import path from "node:path";
import ignore, { type Ignore } from "ignore";
import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { withRepository } from "#src/tools/builtin/git-command.ts";
import { openDirectory, slashed } from "#src/tools/builtin/root.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

const MAX_FILES = 200_000;
const MAX_DEPTH = 100;
const STATS_A_TURN = 1_000;
const OWN_FOLDER = ".planwright";

export interface ListedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: "file" | "link";
  readonly stats: FileStats;
}

export interface ListingAround {
  readonly context: ToolContext;
  /** Absolute folder of the store. L3. */
  readonly store?: string | undefined;
}

/** By path, in the order of their names. `base` is absolute and has no link in it. Fails with `too-many-entries`. */
export async function listFiles(
  base: string,
  { context, store }: ListingAround,
): Promise<ReadonlyMap<string, ListedFile>> {
  const all = (await listedByGit(base, context)) ?? (await walked(base, context.signal));
  const own = [OWN_FOLDER, ...(store === undefined ? [] : [slashed(path.relative(base, store))])];
  const names = all.filter((name) => !own.some((folder) => name.startsWith(`${folder}/`)));
  if (names.length > MAX_FILES) throw tooMany();
  const folders = new RealFolders(base);
  const files = new Map<string, ListedFile>();
  for (const [at, name] of names.sort(compare).entries()) {
    if (at % STATS_A_TURN === STATS_A_TURN - 1) await loopTurn();
    context.signal.throwIfAborted();
    const file = folders.has(name) ? listedFile(base, name) : undefined;
    if (file !== undefined) files.set(name, file);
  }
  return files;
}

/** What stands there, whether or not it is ignored; undefined for what is neither a file nor a link. */
export function listedFile(base: string, name: string): ListedFile | undefined {
  const stats = lstatSync(path.join(base, name), { throwIfNoEntry: false });
  if (stats?.isFile() === true) return { path: name, kind: "file", stats };
  return stats?.isSymbolicLink() === true ? { path: name, kind: "link", stats } : undefined;
}

/** L1: whether the folders on the way to a file are folders. Each is looked at once. */
export class RealFolders {
  readonly #base: string;
  readonly #known = new Map<string, boolean>([[".", true]]);

  constructor(base: string) {
    this.#base = base;
  }

  has(name: string): boolean {
    const folder = path.posix.dirname(name);
    let isReal = this.#known.get(folder);
    if (isReal === undefined) {
      isReal = this.has(folder) && this.#isFolder(folder);
      this.#known.set(folder, isReal);
    }
    return isReal;
  }

  #isFolder(folder: string): boolean {
    try {
      return lstatSync(path.join(this.#base, folder), { throwIfNoEntry: false })?.isDirectory() === true;
    } catch {
      return false;
    }
  }
}

/** Undefined where there is no repository that git may be asked about. */
async function listedByGit(base: string, context: ToolContext): Promise<string[] | undefined> {
  try {
    const listed = await withRepository(context, base, (git) =>
      git(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z"]),
    );
    // A folder is a repository inside, or a submodule.
    return listed.split("\0").filter((name) => name !== "" && !name.endsWith("/"));
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ToolFailure || (error instanceof Error && "syscall" in error)) return undefined;
    throw error;
  }
}

interface Rules {
  /** Of the folder in which they stand, empty or ending with `/`. */
  readonly prefix: string;
  readonly ignored: Ignore;
}

async function walked(base: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  await descend({ base, signal, found }, { prefix: "", rules: [], depth: 0 });
  return found;
}

interface Walk {
  readonly base: string;
  readonly signal: AbortSignal;
  readonly found: string[];
}

interface Level {
  readonly prefix: string;
  readonly rules: readonly Rules[];
  readonly depth: number;
}

async function descend(walk: Walk, { prefix, rules: outer, depth }: Level): Promise<void> {
  walk.signal.throwIfAborted();
  if (depth > MAX_DEPTH || walk.found.length > MAX_FILES) throw tooMany();
  const entries = await readdir(path.join(walk.base, prefix), { withFileTypes: true });
  // L2.
  if (depth > 0 && entries.some(({ name }) => name === ".git")) return;
  const own = await rulesIn(path.join(walk.base, prefix), prefix);
  const rules = own === undefined ? outer : [...outer, own];
  for (const entry of entries) {
    const name = prefix + entry.name;
    const isFolder = entry.isDirectory();
    if (isLeftOut(entry, isFolder ? `${name}/` : name, rules)) continue;
    if (isFolder) await descend(walk, { prefix: `${name}/`, rules, depth: depth + 1 });
    else walk.found.push(name);
  }
}

function isLeftOut(entry: Dirent, name: string, rules: readonly Rules[]): boolean {
  const isKnown = entry.isDirectory() || entry.isFile() || entry.isSymbolicLink();
  return !isKnown || entry.name === ".git" || isIgnored(name, rules);
}

async function rulesIn(folder: string, prefix: string): Promise<Rules | undefined> {
  const file = path.join(folder, ".gitignore");
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return { prefix, ignored: ignore({ allowRelativePaths: true }).add(await readFile(file, "utf8")) };
}

/** The rules of the innermost folder that say something count. */
function isIgnored(name: string, rules: readonly Rules[]): boolean {
  for (const { prefix, ignored } of rules.toReversed()) {
    const said = ignored.test(name.slice(prefix.length));
    if (said.ignored || said.unignored) return said.ignored;
  }
  return false;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tooMany(): ToolFailure {
  const message = `more than ${MAX_FILES} files, or folders more than ${MAX_DEPTH} deep`;
  return new ToolFailure("resource-exhausted", message, { code: "too-many-entries" });
}

/** Absolute and without a link. Fails with `outside-root`, not-found. */
export async function directoryAt(name: string, context: ToolContext): Promise<string> {
  await using directory = await openDirectory(context.roots.fs, name);
  return directory.realPath;
}
