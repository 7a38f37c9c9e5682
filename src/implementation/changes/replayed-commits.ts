import { identityOf, NOBODY } from "./commit-identity.ts";
import { lineOf, partsOf, type Repository } from "./repository.ts";

// Commits of a change on top of another commit than the one that they were made on, without touching any working tree.
//
// C1. What each changes is merged by git's own three-way merge, its parent being the common ancestor, whatever the histories are.
// C2. Files are the same by their paths alone: a change never follows a rename to a file that nobody declared.
// C3. The same commits on the same commit give the same result, however often.

export interface Conflict {
  readonly path: string;
  /** Object ids; null where that side has no such file. */
  readonly base: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
}

export type Replayed =
  | { readonly kind: "replayed"; readonly commit: string }
  | { readonly kind: "conflict"; readonly conflicts: readonly Conflict[] };

interface Commits {
  readonly base: string;
  readonly commit: string;
}

export async function replayedOnto(repository: Repository, { base, commit }: Commits, onto: string): Promise<Replayed> {
  if (base === onto) return { kind: "replayed", commit };
  const list = lineOf(await repository.git(["rev-list", "--reverse", "--first-parent", `${base}..${commit}`]));
  let current = onto;
  for (const one of list === "" ? [] : list.split("\n")) {
    const merged = await mergedTree(repository, { base: `${one}^`, ours: current, theirs: one });
    if (merged.kind === "conflict") return merged;
    current = await committed(repository, { tree: merged.tree, parent: current, like: one });
  }
  return { kind: "replayed", commit: current };
}

interface Sides {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

type Merged = { readonly kind: "tree"; readonly tree: string } | Extract<Replayed, { kind: "conflict" }>;

/** C1: git takes the common ancestor from the histories, so each side gets one that is as short as can be. */
async function mergedTree({ git }: Repository, { base, ours, theirs }: Sides): Promise<Merged> {
  const bare = async (commit: string, parents: readonly string[]): Promise<string> => {
    const given = parents.flatMap((parent) => ["-p", parent]);
    const options = { environment: NOBODY, stdin: "x" };
    return lineOf(await git(["commit-tree", "--no-gpg-sign", ...given, `${commit}^{tree}`], options));
  };
  const root = await bare(base, []);
  const sides = [await bare(ours, [root]), await bare(theirs, [root])];
  const merging = ["merge-tree", "--write-tree", "--no-messages", "-z", ...sides];
  const answer = await git(merging, { accepts: [0, 1] });
  const [tree = "", ...files] = partsOf(answer);
  return answer.exitCode === 0 ? { kind: "tree", tree } : { kind: "conflict", conflicts: conflictsIn(files) };
}

/** `mode SP oid SP stage TAB path`, one for each side that has the file. */
function conflictsIn(parts: readonly string[]): readonly Conflict[] {
  const conflicts = new Map<string, Conflict>();
  for (const part of parts) {
    const [, oid = "", stage = "", path = ""] = /^\d+ ([0-9a-f]+) ([123])\t(.*)$/su.exec(part) ?? [];
    const side = SIDES.get(stage);
    if (side === undefined) continue;
    conflicts.set(path, { path, base: null, ours: null, theirs: null, ...conflicts.get(path), [side]: oid });
  }
  return [...conflicts.values()];
}

const SIDES: ReadonlyMap<string, "base" | "ours" | "theirs"> = new Map([
  ["1", "base"],
  ["2", "ours"],
  ["3", "theirs"],
]);

interface Committing {
  readonly tree: string;
  readonly parent: string;
  /** Whose author, date and message it has. */
  readonly like: string;
}

/** What changes nothing there is no commit. */
async function committed(repository: Repository, { tree, parent, like }: Committing): Promise<string> {
  const { git } = repository;
  if (lineOf(await git(["rev-parse", `${parent}^{tree}`])) === tree) return parent;
  const format = "--format=%an%x00%ae%x00%aI%x00%B";
  const [name = "", email = "", date = "", message = ""] = partsOf(await git(["log", "-1", "-z", format, like]));
  const environment = await identityOf(repository, date, { name, email });
  const made = await git(["commit-tree", "--no-gpg-sign", "-p", parent, tree], { environment, stdin: message });
  return lineOf(made);
}
