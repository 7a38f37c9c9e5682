import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { ToolFailure } from "#src/tools/define.ts";
import type { ChangedFile, FileState } from "./change-record.ts";
import { objectIdOf } from "./disk.ts";
import { lookAt, stateText, type Foreign } from "./file-state.ts";
import { directoriesAbove, type MadeDirectory } from "./file-moves.ts";
import { partsOf, type Repository } from "./repository.ts";
import { stagingFolder, stagingIndex } from "./scratch.ts";
import { changesBetweenTrees, EXECUTABLE, LINK, SUBMODULE, type EntryChange } from "./tree-entries.ts";

// What bringing a commit into the user's tree does to its files, as bytes: what git's own checkout would make of them there.
//
// F1. Files that differ from HEAD, and files that are in the way, are named and refused (`dirty-tree`): they are the user's.
// F2. Bytes that filters make of what git has (line ends, large file stores) are kept as objects of their own, so that they can be
//     put in place again whatever the filters do by then.
// F3. A file keeps its permission bits; what a change makes executable, or no longer so, changes those alone.

export interface FilesToMerge {
  readonly entries: readonly EntryChange[];
  readonly files: readonly ChangedFile[];
  /** That have to be made, and that are empty afterwards; the outer ones first. */
  readonly makes: readonly MadeDirectory[];
  readonly removes: readonly { readonly path: string; readonly mode: number }[];
  /** Objects that no commit has. */
  readonly extra: readonly string[];
}

export async function filesToMerge(
  repository: Repository,
  { head, commit, id }: { readonly head: string; readonly commit: string; readonly id: string },
): Promise<FilesToMerge> {
  const entries = await changesBetweenTrees(repository, head, commit);
  refuseSubmodules(entries);
  if (entries.length === 0) return { entries, files: [], makes: [], removes: [], extra: [] };
  const before = await beforeOf(repository, entries);
  const after = await afterOf(repository, { commit, entries, before: before.states, id });
  const nothing: FileState = { kind: "none" };
  const files = entries.map(({ path: name }): ChangedFile => {
    return { path: name, before: before.states.get(name) ?? nothing, after: after.states.get(name) ?? nothing };
  });
  const directories = await directoriesOf(repository, files);
  return { entries, files, ...directories, extra: [...before.extra, ...after.extra] };
}

export function refuseSubmodules(entries: readonly EntryChange[]): void {
  const inner = entries.filter(({ from, to }) => from?.mode === SUBMODULE || to?.mode === SUBMODULE);
  if (inner.length === 0) return;
  const named = inner.map((entry) => entry.path).join(", ");
  const message = `${named}: is a submodule; a change in it is one of its own repository`;
  throw new ToolFailure("validation", message, { code: "submodule" });
}

interface States {
  readonly states: ReadonlyMap<string, FileState>;
  readonly extra: readonly string[];
}

/** F1. */
async function beforeOf(repository: Repository, entries: readonly EntryChange[]): Promise<States> {
  const dirty = await dirtyFiles(repository);
  const wanted = entries.map(({ path: name, from, to }) => ({ path: name, from: standIn(from), to: standIn(to) }));
  const seen = await lookAt(repository, wanted);
  const states = new Map<string, FileState>();
  const inTheWay: InTheWay[] = [];
  for (const { path: name, from } of entries) {
    const found = seen.get(name)?.found ?? { kind: "none" };
    if (found.kind === "foreign" || dirty.has(name) || (from === null && found.kind !== "none")) {
      inTheWay.push({ path: name, found });
    } else states.set(name, found);
  }
  if (inTheWay.length > 0) throw dirtyTree(inTheWay);
  return {
    states,
    extra: await keptObjects(
      repository,
      entries.flatMap((entry) => filtered(entry, states)),
    ),
  };
}

interface InTheWay {
  readonly path: string;
  readonly found: FileState | Foreign;
}

/** F2. */
function filtered({ path: file, from }: EntryChange, states: ReadonlyMap<string, FileState>): readonly Unkept[] {
  const state = states.get(file);
  return state?.kind === "file" && state.oid !== from?.oid ? [{ file, oid: state.oid }] : [];
}

/** For a look at the tree, which only asks whether there is something. */
function standIn(entry: EntryChange["from"]): FileState {
  return entry === null ? { kind: "none" } : { kind: "file", mode: 0, oid: entry.oid };
}

/** Tracked files that are not as HEAD has them, in the index or in the tree. */
export async function dirtyFiles({ git }: Pick<Repository, "git">): Promise<ReadonlySet<string>> {
  const asking = [
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=no",
    "--no-renames",
    "--ignore-submodules=dirty",
  ];
  const parts = partsOf(await git(asking));
  return new Set(parts.flatMap((part) => /^(?:1 (?:\S+ ){7}|u (?:\S+ ){9})(.*)$/su.exec(part)?.[1] ?? []));
}

const MAX_NAMED = 20;

function dirtyTree(files: readonly InTheWay[]): ToolFailure {
  const named = files.slice(0, MAX_NAMED).map(({ path: name, found }) => ({ path: name, found: stateText(found) }));
  const names = named.map(({ path: name }) => name).join(", ");
  const rest = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : "";
  const message = `${names}${rest}: not as the last commit has it, or in the way. Commit it, stash it or move it away, then \`planwright retry\``;
  return new ToolFailure("conflict", message, { code: "dirty-tree", details: { files: named } });
}

interface After {
  readonly commit: string;
  readonly entries: readonly EntryChange[];
  readonly before: ReadonlyMap<string, FileState>;
  readonly id: string;
}

/** What a checkout makes of the commit, in a folder of ours. F2. */
async function afterOf(repository: Repository, { commit, entries, before, id }: After): Promise<States> {
  const { git, disk, format } = repository;
  const folder = stagingFolder(repository, id);
  const index = stagingIndex(repository, id);
  const states = new Map<string, FileState>();
  const extra: Unkept[] = [];
  try {
    await mkdir(folder, { recursive: true });
    await git(["read-tree", commit], { index });
    const names = entries.flatMap(({ path: name, to }) => (to === null ? [] : [`${name}\0`]));
    const out = ["checkout-index", "-z", "--stdin", "--quiet", "--force", `--prefix=${folder}/`];
    await git(out, { index, stdin: names.join("") });
    for (const { path: name, to } of entries) {
      if (to === null) continue;
      const staged = path.join(folder, name);
      if (to.mode === LINK) {
        states.set(name, { kind: "link", oid: objectIdOf(await disk.readLink(staged), format) });
        continue;
      }
      const oid = await disk.objectId(staged, format);
      if (oid !== to.oid) extra.push({ file: staged, oid });
      const fresh = (await disk.entry(staged))?.mode ?? 0;
      states.set(name, { kind: "file", mode: modeOf(before.get(name), to.mode === EXECUTABLE, fresh), oid });
    }
    return { states, extra: await keptObjects(repository, extra) };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(index, { force: true });
  }
}

const EXECUTE_BITS = 0o111;
const READ_BITS = 0o444;
const OWNER_EXECUTES = 0o100;

/** F3. */
function modeOf(before: FileState | undefined, isExecutable: boolean, fresh: number): number {
  if (before?.kind !== "file") return fresh;
  if (((before.mode & OWNER_EXECUTES) !== 0) === isExecutable) return before.mode;
  if (!isExecutable) return before.mode & ~EXECUTE_BITS;
  return before.mode | ((before.mode & READ_BITS) >> 2);
}

interface Unkept {
  /** Absolute, or from the top. */
  readonly file: string;
  readonly oid: string;
}

async function keptObjects({ git, top }: Repository, files: readonly Unkept[]): Promise<readonly string[]> {
  const places = files.map(({ file }) => path.resolve(top, file));
  // Paths are read line by line; one with a line end in it goes by itself.
  const [odd, plain] = [places.filter((one) => one.includes("\n")), places.filter((one) => !one.includes("\n"))];
  const stdin = plain.map((one) => `${one}\n`).join("");
  if (plain.length > 0) await git(["hash-object", "-w", "--no-filters", "--stdin-paths"], { stdin });
  for (const place of odd) await git(["hash-object", "-w", "--no-filters", "--", place]);
  return files.map(({ oid }) => oid);
}

async function directoriesOf(
  { disk, top }: Repository,
  files: readonly ChangedFile[],
): Promise<Pick<FilesToMerge, "makes" | "removes">> {
  const arriving = directoriesAbove(files.filter(({ after }) => after.kind !== "none"));
  const leaving = files.filter(({ after }) => after.kind === "none");
  const gone = new Set(leaving.map((file) => file.path));
  const makes: MadeDirectory[] = [];
  for (const directory of [...arriving].filter((one) => one !== ".").sort()) {
    const entry = await disk.entry(path.join(top, directory));
    if (entry?.kind !== "directory") makes.push({ path: directory });
  }
  const removes: { path: string; mode: number }[] = [];
  const candidates = [...directoriesAbove(leaving)].filter((one) => one !== "." && !arriving.has(one));
  // The inner ones first: one that goes is nothing in the one around it.
  for (const directory of candidates.sort().reverse()) {
    const entry = await disk.entry(path.join(top, directory));
    const names = entry?.kind === "directory" ? await disk.list(path.join(top, directory)) : undefined;
    if (entry === undefined || names?.every((name) => gone.has(`${directory}/${name}`)) !== true) continue;
    gone.add(directory);
    removes.unshift({ path: directory, mode: entry.mode });
  }
  return { makes, removes };
}
