// A walk over a directory that git does not know: all that no .gitignore on the way leaves out.
// Other repositories are not entered, and neither are installed packages; the walk is one of a stack, not of calls.

import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { ignoringOf, type Ignoring } from "./ignoring.ts";
import { isKeptBeside, type Listing } from "./listing.ts";
import { reasonOf, type NoteBook } from "./notes.ts";

const MAX_DEPTH = 256;
const MAX_RULES_BYTES = 256 * 1024;
/** What nobody means by a codebase, where no rule says so. */
const INSTALLED = "node_modules";

export interface WalkOptions {
  readonly notes: NoteBook;
  readonly signal: AbortSignal;
  readonly maxFiles: number;
}

interface Open {
  /** Empty, or ending with `/`. */
  readonly prefix: string;
  readonly depth: number;
  readonly ignoring: Ignoring;
}

/** Undefined where there are more files than it may find. */
export async function listedByWalk(root: string, options: WalkOptions): Promise<Listing | undefined> {
  const walk: Walk = { root, notes: options.notes, paths: [], repositories: [], open: [] };
  const excluded = ignoringOf(rulesIn(`${root}/.git/info/exclude`, options.notes));
  walk.open.push({ prefix: "", depth: 0, ignoring: excluded });
  for (let next = walk.open.pop(); next !== undefined; next = walk.open.pop()) {
    await loopTurn();
    options.signal.throwIfAborted();
    enter(walk, next);
    if (walk.paths.length > options.maxFiles) return undefined;
  }
  return walk;
}

interface Walk {
  readonly root: string;
  readonly notes: NoteBook;
  readonly paths: string[];
  readonly repositories: string[];
  readonly open: Open[];
}

function enter(walk: Walk, { prefix, depth, ignoring: above }: Open): void {
  const entries = entriesIn(`${walk.root}/${prefix}`, prefix, walk.notes);
  if (depth > 0 && entries.some(({ name }) => name === ".git")) {
    walk.repositories.push(prefix.slice(0, -1));
    return;
  }
  const hasRules = entries.some((entry) => entry.name === ".gitignore" && entry.isFile());
  const ignoring = hasRules ? above.below(rulesIn(`${walk.root}/${prefix}.gitignore`, walk.notes)) : above;
  for (const entry of entries) {
    const isDirectory = entry.isDirectory();
    if (isLeftOut(entry.name) || ignoring.ignores(entry.name, isDirectory)) continue;
    const path = prefix + entry.name;
    if (!isDirectory) walk.paths.push(path);
    else if (depth === MAX_DEPTH) walk.notes.add("unreadable-entry", path, `deeper than ${MAX_DEPTH} directories`);
    else walk.open.push({ prefix: `${path}/`, depth: depth + 1, ignoring: ignoring.into(entry.name) });
  }
}

function isLeftOut(name: string): boolean {
  return isKeptBeside(name) || name === INSTALLED;
}

function entriesIn(directory: string, prefix: string, notes: NoteBook): readonly Dirent[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter(({ name }) => {
      const isReadable = !name.includes("\uFFFD");
      if (!isReadable) notes.add("unreadable-name", prefix + name, "its name is not UTF-8");
      return isReadable;
    });
  } catch (error) {
    notes.add("unreadable-entry", prefix === "" ? null : prefix.slice(0, -1), reasonOf(error));
    return [];
  }
}

function rulesIn(file: string, notes: NoteBook): string {
  try {
    const text = readFileSync(file, "utf8");
    if (text.length <= MAX_RULES_BYTES) return text;
    notes.add("unreadable-entry", null, `a file of ignore rules is larger than ${MAX_RULES_BYTES} bytes: not used`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))) {
      notes.add("unreadable-entry", null, reasonOf(error));
    }
  }
  return "";
}
