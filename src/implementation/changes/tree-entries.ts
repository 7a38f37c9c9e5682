import type { GitAnswer, Repository } from "./repository.ts";
import { partsOf } from "./repository.ts";

// Files as git's trees and index have them, and the difference between two trees.
// All that is parsed is NUL separated: no name can be taken for something else.

export interface TreeEntry {
  /** `100644`, `100755`, `120000`, `160000`. */
  readonly mode: string;
  readonly oid: string;
}

export interface EntryChange {
  readonly path: string;
  /** Null where there is none. */
  readonly from: TreeEntry | null;
  readonly to: TreeEntry | null;
}

/** Entries of other repositories. */
export const SUBMODULE = "160000";
export const LINK = "120000";
export const EXECUTABLE = "100755";

export async function changesBetweenTrees(
  { git }: Pick<Repository, "git">,
  from: string,
  to: string,
): Promise<readonly EntryChange[]> {
  const raw = await git(["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--full-index", from, to]);
  return changesIn(raw);
}

/** `:mode mode oid oid status NUL path NUL`. */
function changesIn(answer: GitAnswer): readonly EntryChange[] {
  const parts = partsOf(answer);
  const changes: EntryChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [before = "", after = "", left = "", right = ""] = (parts[at] ?? "").slice(1).split(" ");
    changes.push({ path: parts[at + 1] ?? "", from: entryOf(before, left), to: entryOf(after, right) });
  }
  return changes;
}

function entryOf(mode: string, oid: string): TreeEntry | null {
  return mode === "000000" ? null : { mode, oid };
}

export function isSameEntry(left: TreeEntry | null, right: TreeEntry | null): boolean {
  return left?.mode === right?.mode && left?.oid === right?.oid;
}

/** Those of the index, or of another one, by path; paths in a conflict are not among them. */
export async function indexEntries(
  { git }: Pick<Repository, "git">,
  index?: string,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const parts = partsOf(await git(["ls-files", "-s", "-z"], index === undefined ? {} : { index }));
  return new Map(
    parts.flatMap((part): readonly [string, TreeEntry][] => {
      const [, mode = "", oid = "", stage = "", path = ""] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/su.exec(part) ?? [];
      return stage === "0" ? [[path, { mode, oid }]] : [];
    }),
  );
}

/** Sets entries of an index of ours. What goes away goes first, so that a directory may take the place of a file. */
export async function setIndexEntries(
  { git, format }: Pick<Repository, "git" | "format">,
  index: string,
  entries: readonly Pick<EntryChange, "path" | "to">[],
): Promise<void> {
  if (entries.length === 0) return;
  const nothing = "0".repeat(format === "sha1" ? 40 : 64);
  const gone = entries.filter(({ to }) => to === null).map(({ path }) => `0 ${nothing}\t${path}\0`);
  const set = entries.flatMap(({ path, to }) => (to === null ? [] : [`${to.mode} ${to.oid}\t${path}\0`]));
  await git(["update-index", "-z", "--index-info"], { index, stdin: [...gone, ...set].join("") });
}
