// The files of a directory that are its own: what git knows or would take, and where there is no git, what a walk finds that no
// .gitignore leaves out. Everything that looks at a codebase begins here.
//
// F1. Nothing is read and no link is followed, neither at the end of a path nor on the way: what lies behind one is not of the directory.
// F2. Paths are relative to the directory, with `/`, sorted by code unit: the same tree gives the same list, whoever made it in
//     whatever order.
// F3. What cannot be listed is said (`notes`), with its path; it never ends the listing. Reaching MAX_FILES does.
// F4. `.git` and `.planwright` are never part of it; without git, neither is `node_modules`.

import { lstatSync, type Stats } from "node:fs";
import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { openDirectory } from "#src/tools/builtin/root.ts";
import { ToolFailure } from "#src/tools/define.ts";
import type { GitContext } from "#src/tools/builtin/git-command.ts";
import { listedByGit } from "./git-listing.ts";
import type { Listing } from "./listing.ts";
import { noteBook, reasonOf, type Note, type NoteBook } from "./notes.ts";
import { listedByWalk } from "./walk-listing.ts";

const MAX_FILES = 1_000_000;
/** Files looked at between two turns of the event loop: about 2 ms. */
const FILES_A_TURN = 500;

export interface CodeFile {
  readonly path: string;
  readonly kind: "file" | "link" | "other";
  readonly bytes: number;
  readonly isExecutable: boolean;
  /** With the size, what tells that a file is likely the same as when it was last read. */
  readonly changed: { readonly mtimeMs: number; readonly ctimeMs: number; readonly inode: number };
}

export interface CodeFiles {
  readonly source: "git" | "walk";
  readonly files: readonly CodeFile[];
  /** Submodules and other repositories inside: named, not entered. */
  readonly repositories: readonly string[];
  readonly notes: readonly Note[];
}

/**
 * Fails with `outside-root`, not-found, or `too-many-entries`; rejects with the signal's reason. The event loop turns in between,
 * but whoever has 100,000 files looked at does it in a thread.
 */
export async function filesOf(context: GitContext, directory: string): Promise<CodeFiles> {
  const notes = noteBook();
  await using held = await openDirectory(context.roots.fs, directory);
  const { source, paths, repositories } = await listingOf(context, { name: directory, path: held.path, notes });
  if (paths.length > MAX_FILES) throw tooManyFiles(directory);
  const entries = new Entries(held.path, notes);
  const files: CodeFile[] = [];
  for (const [index, path] of [...new Set(paths)].sort().entries()) {
    if (index % FILES_A_TURN === 0) {
      await loopTurn();
      context.signal.throwIfAborted();
    }
    const file = entries.fileAt(path);
    if (file !== undefined) files.push(file);
  }
  return { source, files, repositories: repositories.toSorted(), notes: notes.all() };
}

interface Place {
  /** As the caller named it. */
  readonly name: string;
  readonly path: string;
  readonly notes: NoteBook;
}

async function listingOf(
  context: GitContext,
  place: Place,
): Promise<Listing & { readonly source: CodeFiles["source"] }> {
  const known = await listedByGit(context, place.name, place.notes);
  if (known !== undefined) return { source: "git", ...known };
  const walked = await listedByWalk(place.path, { ...place, signal: context.signal, maxFiles: MAX_FILES });
  if (walked === undefined) throw tooManyFiles(place.name);
  return { source: "walk", ...walked };
}

function tooManyFiles(directory: string): ToolFailure {
  const message = `${directory}: more than ${MAX_FILES} files`;
  return new ToolFailure("resource-exhausted", message, { code: "too-many-entries" });
}

class Entries {
  readonly #root: string;
  readonly #notes: NoteBook;
  /** Whether a directory is reached without a link. */
  readonly #real = new Map<string, boolean>([["", true]]);

  constructor(root: string, notes: NoteBook) {
    this.#root = root;
    this.#notes = notes;
  }

  /** Undefined for what is gone, is a directory by now, or lies behind a link. */
  fileAt(path: string): CodeFile | undefined {
    if (!this.#isReal(path.slice(0, Math.max(0, path.lastIndexOf("/"))))) return undefined;
    const found = this.#at(path);
    if (found === undefined || found.isDirectory()) return undefined;
    return {
      path,
      kind: found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other",
      bytes: found.isFile() ? found.size : 0,
      isExecutable: found.isFile() && (found.mode & 0o100) !== 0,
      changed: { mtimeMs: found.mtimeMs, ctimeMs: found.ctimeMs, inode: found.ino },
    };
  }

  #isReal(directory: string): boolean {
    const known = this.#real.get(directory);
    if (known !== undefined) return known;
    const above = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
    const isReal = this.#isReal(above) && this.#at(directory)?.isDirectory() === true;
    this.#real.set(directory, isReal);
    return isReal;
  }

  #at(path: string): Stats | undefined {
    try {
      return lstatSync(`${this.#root}/${path}`, { throwIfNoEntry: false });
    } catch (error) {
      this.#notes.add("unreadable-entry", path, reasonOf(error));
      return undefined;
    }
  }
}
