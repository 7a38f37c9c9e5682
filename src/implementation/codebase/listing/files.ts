// The files of a directory that are its own: what git knows or would take, and where there is no git, what a walk finds that no
// .gitignore leaves out. Everything that looks at a codebase begins here, and so do checks.
//
// F1. Nothing is read and no link is followed, neither at the end of a path nor on the way: what lies behind one is not of the directory.
// F2. Paths are relative to the directory, with `/`, sorted by code unit: the same tree gives the same list, whoever made it in
//     whatever order. Names are taken as they are, and are other ones where only the case of a letter differs.
// F3. What cannot be listed is said (`notes`), with its path; it never ends the listing. Reaching MAX_FILES does.
// F4. `.git`, `.planwright` and the store's folder, wherever it is, are never part of it; without git, neither is `node_modules`.
// F5. A submodule or a repository that lies inside is another one: named, not entered.

import path from "node:path";
import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { openDirectory, slashed } from "#src/tools/builtin/root.ts";
import type { GitContext } from "#src/tools/builtin/git-command.ts";
import { Entries, type CodeFile } from "./entries.ts";
import { listedByGit } from "./git-listing.ts";
import { MAX_FILES, tooManyFiles, type Listing } from "./listing.ts";
import { noteBook, type Note, type NoteBook } from "./notes.ts";
import { listedByWalk } from "./walk-listing.ts";

/** Files looked at between two turns of the event loop: about 2 ms. */
const FILES_A_TURN = 500;

export interface CodeFiles {
  readonly source: "git" | "walk";
  readonly files: readonly CodeFile[];
  /** Submodules and other repositories inside: named, not entered. */
  readonly repositories: readonly string[];
  readonly notes: readonly Note[];
}

/**
 * Fails with `outside-root`, not-found, or `too-many-entries`; rejects with the signal's reason. `store` is the absolute folder of
 * the store. The event loop turns in between, but whoever has 100,000 files looked at does it in a thread.
 */
export async function filesOf(context: GitContext, directory: string, store?: string): Promise<CodeFiles> {
  const notes = noteBook();
  await using held = await openDirectory(context.roots.fs, directory);
  const place = { name: directory, path: held.path, notes };
  const { source, paths, repositories } = await listingOf(context, place);
  if (paths.length > MAX_FILES) throw tooManyFiles(directory);
  const isOwn = store === undefined ? () => false : isInside(slashed(path.relative(held.realPath, store)));
  const entries = new Entries(held.path, notes);
  const files: CodeFile[] = [];
  for (const [index, name] of [...new Set(paths)].sort().entries()) {
    if (index % FILES_A_TURN === 0) {
      await loopTurn();
      context.signal.throwIfAborted();
    }
    const file = isOwn(name) ? undefined : entries.fileAt(name);
    if (file !== undefined) files.push(file);
  }
  return { source, files, repositories: repositories.toSorted(), notes: notes.all() };
}

function isInside(folder: string): (name: string) => boolean {
  return (name) => name.startsWith(`${folder}/`);
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
