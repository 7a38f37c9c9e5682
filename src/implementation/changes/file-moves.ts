import path from "node:path";
import { ToolFailure } from "#src/tools/define.ts";
import type { FileState } from "./change-record.ts";
import { isSystemError, onlyWhenMissing } from "./disk.ts";
import { isSameState, lookAt, type Foreign, type Seen } from "./file-state.ts";
import { withContents } from "./object-contents.ts";
import { inParallel } from "./parallel.ts";
import type { Repository } from "./repository.ts";

// Moves a set of files of the user's tree from recorded states to other recorded states.
//
// M1. All new contents are on the disk, beside their places, before anything is in its place: a disk that is full by then leaves the
//     tree as it was.
// M2. Running again goes on: what is there already is left alone, and so are directories that are not empty.
// M3. A file that was touched between the look and its turn stops the move before that file (`changed-since`). Somebody who writes
//     between that last look and the rename is not noticed.
// M4. When it resolves, all of it is durable.

export interface FileMove {
  readonly path: string;
  readonly from: FileState;
  readonly to: FileState;
}

export interface MadeDirectory {
  readonly path: string;
  /** Permission bits; without, those that the process gives. */
  readonly mode?: number | undefined;
}

export interface Moves {
  /** Of this move alone: names of what is written beside have it. */
  readonly id: string;
  readonly files: readonly FileMove[];
  /** The outer ones first. */
  readonly makes: readonly MadeDirectory[];
  /** Where they are empty by then; the outer ones first. */
  readonly removes: readonly MadeDirectory[];
}

/** What one way makes the other removes. */
export function backwards({ id, files, makes, removes }: Moves): Moves {
  return {
    id,
    files: files.map(({ path: name, from, to }) => ({ path: name, from: to, to: from })),
    makes: removes,
    removes: makes,
  };
}

export interface Unfit {
  readonly path: string;
  readonly from: FileState;
  readonly to: FileState;
  readonly found: FileState | Foreign;
}

/** The files that are neither as they are to be moved from, nor as they are to become. */
export function unfitIn({ files }: Moves, seen: ReadonlyMap<string, Seen>): readonly Unfit[] {
  return files.flatMap((file) => {
    const found = seen.get(file.path)?.found ?? { kind: "none" };
    return isSameState(found, file.from) || isSameState(found, file.to) ? [] : [{ ...file, found }];
  });
}

interface Moving {
  /** A look at the files that was just taken: what was touched since stops the move (M3). */
  readonly seen?: ReadonlyMap<string, Seen> | undefined;
  /** Called when all is drafted, before the first file is touched. */
  readonly onBegun?: () => void;
}

/** Leaves alone what is neither. Whether that may be is decided by who asks, with `unfitIn`. */
export async function moveFiles(repository: Repository, moves: Moves, given: Moving = {}): Promise<void> {
  const { seen = await lookAt(repository, moves.files), onBegun } = given;
  const due = moves.files.filter(({ path: name, from, to }) => {
    const found = seen.get(name)?.found;
    return found !== undefined && !isSameState(found, to) && isSameState(found, from);
  });
  const drafts = await drafted(repository, moves, due);
  onBegun?.();
  const untouched = async ({ path: name }: FileMove): Promise<void> => {
    const entry = await repository.disk.entry(path.join(repository.top, name));
    const stamp = entry?.kind === "directory" ? undefined : entry?.stamp;
    if (stamp !== seen.get(name)?.stamp) throw touched(name);
  };
  for (const file of due.filter(({ from, to }) => from.kind !== "none" && to.kind === "none")) {
    await untouched(file);
    await repository.disk.unlink(path.join(repository.top, file.path));
  }
  for (const { path: name } of moves.removes.toReversed()) await removeEmpty(repository, name);
  for (const made of moves.makes) await makeDirectory(repository, made);
  for (const [file, draft] of drafts) {
    await untouched(file);
    await repository.disk.rename(draft, path.join(repository.top, file.path));
  }
  await flushAll(repository, moves);
}

/** Takes away what a crash has left beside. */
export async function removeDrafts(repository: Repository, moves: Moves): Promise<void> {
  const { disk, top } = repository;
  for (const place of directoriesAbove(moves.files)) {
    const directory = path.join(top, place);
    const entry = await disk.entry(directory);
    const names = entry?.kind === "directory" ? await disk.list(directory) : [];
    for (const name of names.filter((one) => one.startsWith(prefixOf(moves)))) {
      await disk.unlink(path.join(directory, name)).catch(onlyWhenMissing);
    }
  }
}

/** Each once, the top as `.`. */
export function directoriesAbove(files: readonly Pick<FileMove, "path">[]): ReadonlySet<string> {
  const above = new Set<string>();
  for (const file of files) {
    let directory = path.posix.dirname(file.path);
    for (; directory !== "." && !above.has(directory); directory = path.posix.dirname(directory)) above.add(directory);
  }
  return above.add(".");
}

/** M1. By file, where its new content lies. */
async function drafted(
  repository: Repository,
  moves: Moves,
  due: readonly FileMove[],
): Promise<ReadonlyMap<FileMove, string>> {
  const drafts = new Map<FileMove, string>();
  const numbers = new Map(moves.files.map((file, number) => [file, number]));
  const files = due.filter(({ to }) => to.kind !== "none");
  const places = new Map<string, Promise<string>>();
  const placeOf = (directory: string): Promise<string> => {
    const place = places.get(directory) ?? nearestDirectory(repository, directory);
    places.set(directory, place);
    return place;
  };
  await withContents(repository, files.flatMap(oidOf), async (contents) => {
    const now = files.filter((file) => oidOf(file).some((oid) => contents.has(oid)));
    await inParallel(now, async (file) => {
      const place = await placeOf(path.posix.dirname(file.path));
      const draft = path.join(place, `${prefixOf(moves)}${String(numbers.get(file))}.tmp`);
      await write(repository, draft, { to: file.to, contents });
      drafts.set(file, draft);
    });
  });
  return drafts;
}

function oidOf({ to }: FileMove): readonly string[] {
  return to.kind === "none" ? [] : [to.oid];
}

function prefixOf({ id }: Moves): string {
  return `.planwright-${id}-`;
}

async function write(
  { disk }: Repository,
  draft: string,
  { to, contents }: { readonly to: FileState; readonly contents: ReadonlyMap<string, Buffer> },
): Promise<void> {
  if (to.kind === "none") return;
  const bytes = contents.get(to.oid) ?? Buffer.alloc(0);
  if (to.kind === "link") await disk.createLink(draft, bytes);
  else await disk.create(draft, bytes, to.mode);
}

/** Of the directory's ancestors the nearest that is there, or itself: there a name is in one file system with its place. */
async function nearestDirectory({ disk, top }: Repository, directory: string): Promise<string> {
  for (let current = directory; current !== "."; current = path.posix.dirname(current)) {
    const entry = await disk.entry(path.join(top, current));
    if (entry?.kind === "directory") return path.join(top, current);
  }
  return top;
}

const NOT_EMPTY = new Set(["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"]);

async function removeEmpty({ disk, top }: Repository, name: string): Promise<void> {
  await disk.removeDirectory(path.join(top, name)).catch((error: unknown) => {
    if (!isSystemError(error, NOT_EMPTY)) throw error;
  });
}

async function makeDirectory({ disk, top }: Repository, { path: name, mode }: MadeDirectory): Promise<void> {
  const place = path.join(top, name);
  const entry = await disk.entry(place);
  if (entry === undefined) await disk.makeDirectory(place, mode);
}

async function flushAll({ disk, top }: Repository, { files, makes, removes }: Moves): Promise<void> {
  const above = new Set([...files, ...makes, ...removes].map(({ path: name }) => path.posix.dirname(name)));
  await inParallel([...above], async (directory) => {
    const entry = await disk.entry(path.join(top, directory));
    if (entry?.kind === "directory") await disk.flush(path.join(top, directory));
  });
}

function touched(name: string): ToolFailure {
  const message = `${name}: somebody has changed it just now; it stays as it is`;
  return new ToolFailure("conflict", message, { code: "changed-since" });
}
