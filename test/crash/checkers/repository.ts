import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { fileState, type FileState } from "#src/implementation/changes/change-record.ts";
import { git } from "../../implementation/changes/a-repository.ts";
import { beginIn, FIRST_COMMIT, LOAD_CHANGES, subjectsOf } from "../load/changes.ts";
import { treeIn, type Tree } from "./tree.ts";

// One repository as it lies there: its commits, and what somebody has left in it.

/** A move of files of which a journal says that it was begun. */
export interface Unfinished {
  readonly files: readonly { readonly path: string; readonly from: FileState; readonly to: FileState }[];
  /** Another journal has another one. */
  readonly stamp: string;
  /** Whether a path is one of the move: its files and drafts, and the folders that come and go with them. */
  readonly isNamed: (name: string) => boolean;
}

const JOURNAL = /^journal-[0-9a-f]+\.json$/u;
const DRAFT = /(?:^|\/)\.planwright-[0-9a-f]+-\d+\.tmp$/u;

const place = z.object({ path: z.string() });
const journal = z.object({
  moves: z.object({
    files: z.array(z.object({ path: z.string(), from: fileState, to: fileState })),
    makes: z.array(place),
    removes: z.array(place),
  }),
});

export function unfinishedIn(top: string): Unfinished | undefined {
  const folder = path.join(top, ".git/planwright");
  const name = existsSync(folder) ? readdirSync(folder).find((one) => JOURNAL.test(one)) : undefined;
  if (name === undefined) return undefined;
  const file = path.join(folder, name);
  const { ino, mtimeMs } = statSync(file);
  const { files, makes, removes } = journal.parse(JSON.parse(readFileSync(file, "utf8"))).moves;
  const named = new Set([...files, ...makes, ...removes].map((one) => one.path));
  return { files, stamp: `${ino} ${mtimeMs}`, isNamed: (one) => named.has(one) || DRAFT.test(one) };
}

/** How many changes the branch has, where each was merged once, in their order, and taken back once, in the reverse one. */
export function commitsIn(top: string): { readonly count: number } | { readonly wrong: string } {
  const subjects = git(top, "log", "--reverse", "--format=%s").trim().split("\n");
  const expected = [FIRST_COMMIT];
  let count = 0;
  const isNext = (next: readonly string[]): boolean => {
    const from = expected.length;
    if (!next.every((subject, at) => subjects[from + at] === subject)) return false;
    expected.push(...next);
    return true;
  };
  while (count < LOAD_CHANGES.length && isNext(LOAD_CHANGES.slice(count, count + 1).flatMap(subjectsOf))) count++;
  while (count > 0 && isNext([`Revert ${LOAD_CHANGES[count - 1]?.id ?? ""}`])) count--;
  if (subjects[0] === FIRST_COMMIT && subjects.length === expected.length) return { count };
  return { wrong: `its commits are ${subjects.join(" | ")}` };
}

/** What differs between HEAD, the index and the tree, as git says it; nothing where it is the same. */
export function whatIsWrongIn(top: string): string {
  return git(top, "--no-optional-locks", "status", "--porcelain=v1", "--untracked-files=all").trim();
}

/** Whatever should be gone when nobody works on the repository any more. */
export function leftIn(top: string): readonly string[] {
  const branches = git(top, "branch", "--format=%(refname:short)").trim().split("\n");
  const within = readdirSync(path.join(top, ".git"), { recursive: true, encoding: "utf8" });
  return [
    ...branches.filter((name) => name !== "main").map((name) => `branch ${name}`),
    ...within.filter((name) => LEFT.some((pattern) => pattern.test(name))),
    ...[...treeIn(top).keys()].filter((name) => DRAFT.test(name)),
    ...git(top, "fsck", "--no-dangling")
      .trim()
      .split("\n")
      .filter((line) => line !== ""),
  ];
}

const LEFT = [
  /\.lock$/u,
  /^worktrees\/[^/]+$/u,
  /^planwright\/worktrees\/[^/]+\/[^/]+$/u,
  /^planwright\/(?:staging-|revert-|journal-)[^/]*$/u,
  /^planwright-index/u,
];

/** What the tree is after none of the changes, after the first, and so on; made in an empty folder. */
export function treesOfChanges(folder: string): readonly Tree[] {
  const top = path.join(folder, "model");
  mkdirSync(top);
  beginIn(top);
  const trees = [treeIn(top)];
  for (const { model } of LOAD_CHANGES) {
    model(top);
    trees.push(treeIn(top));
  }
  return trees;
}
