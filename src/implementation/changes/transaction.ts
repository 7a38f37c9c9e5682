import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { ToolFailure } from "#src/tools/define.ts";
import { changeRecord, fileState } from "./change-record.ts";
import { lookAt, type Seen } from "./file-state.ts";
import { backwards, moveFiles, removeDrafts, unfitIn, type Moves, type Unfit } from "./file-moves.ts";
import { changeIndex, lockIndex, unlockIndex } from "./index-file.ts";
import { readKept, removeKept, writeKept } from "./kept-file.ts";
import { lineOf, type Repository } from "./repository.ts";
import { removeScratch } from "./scratch.ts";
import { removeUnused } from "./worktree.ts";

// One change of the user's working tree with its branch and its index: whole, or not at all.
//
// X1. What is going to be done is in a journal, durably, before the first file is touched. Whoever works on the tree next ends
//     first what a crash has left: forwards where all files are as they were or as they were to be, else backwards.
// X2. The branch is moved by comparing and swapping, after the files. Where it is somewhere else by then the files go back.
// X3. What somebody else has written in the middle stays, forwards and backwards.
// X4. All is done under the repository's lock, and under git's lock of the index.

const treeEntry = z.strictObject({ mode: z.string(), oid: z.string() }).nullable();
const directory = z.strictObject({ path: z.string(), mode: z.int().exactOptional() });

/** What a merge leaves for whoever merges or takes back the same change again. */
export const keptRecord = z.strictObject({ made: z.string(), record: changeRecord });
export type KeptRecord = z.output<typeof keptRecord>;

const transaction = z.strictObject({
  id: z.string(),
  moves: z.strictObject({
    id: z.string(),
    files: z.array(z.strictObject({ path: z.string(), from: fileState, to: fileState })),
    makes: z.array(directory),
    removes: z.array(directory),
  }),
  /** Commits; null where the branch stays. */
  head: z.strictObject({ from: z.string(), to: z.string(), why: z.string() }).nullable(),
  entries: z.array(z.strictObject({ path: z.string(), from: treeEntry, to: treeEntry })),
  /** File of the record, and what is in it afterwards. */
  record: z.strictObject({ file: z.string(), after: keptRecord.nullable() }),
});
export type Transaction = z.output<typeof transaction>;

/** `unfit`: nothing was done. `head-moved`: nothing is left of what was done. */
export type Transacted =
  | { readonly kind: "done" }
  | { readonly kind: "unfit"; readonly files: readonly Unfit[] }
  | { readonly kind: "head-moved" };

/** The journal's name is free: `endLeftover` was called since the lock was taken. */
export async function transact(
  interruptible: Repository,
  { change, seen }: { readonly change: Transaction; readonly seen?: Look },
  signal: AbortSignal,
): Promise<Transacted> {
  const look = seen ?? (await lookAt(interruptible, change.moves.files));
  const unfit = unfitIn(change.moves, look);
  if (unfit.length > 0) return { kind: "unfit", files: unfit };
  signal.throwIfAborted();
  const { uninterrupted: repository } = interruptible;
  await writeKept(repository.disk, journalOf(repository), change);
  return complete(repository, { change, seen: look }, signal);
}

type Look = ReadonlyMap<string, Seen>;

/** X1, and what else is left that nobody uses any more. For who has just taken the lock. */
export async function endLeftover({ uninterrupted: repository }: Repository, signal: AbortSignal): Promise<void> {
  await removeUnused(repository);
  await removeScratch(repository);
  const left = await readKept(repository.disk, journalOf(repository), transaction);
  await unlockIndex(repository);
  if (left === undefined) return;
  await removeDrafts(repository, left.moves);
  const unfit = unfitIn(left.moves, await lookAt(repository, left.moves.files));
  const at = await headOf(repository);
  const isThere = left.head !== null && (await holds(repository, at, left.head.to));
  // The files were all moved before the branch was: what they are by now is somebody's own.
  if (isThere) await conclude(repository, left, signal);
  else if (unfit.length === 0 && (left.head === null || left.head.from === at))
    await complete(repository, { change: left }, signal);
  else await giveUp(repository, left);
}

export async function headOf({ git }: Pick<Repository, "git">): Promise<string> {
  return lineOf(await git(["rev-parse", "--verify", "HEAD^{commit}"]));
}

async function complete(
  repository: Repository,
  { change, seen }: { readonly change: Transaction; readonly seen?: Look },
  signal: AbortSignal,
): Promise<Transacted> {
  let hasBegun = false;
  try {
    await lockIndex(repository, change.id, signal);
    const onBegun = (): void => {
      hasBegun = true;
    };
    await moveFiles(repository, change.moves, { seen, onBegun });
  } catch (error) {
    throw await undone(repository, { change, hasBegun, error });
  }
  if (!(await isHeadMoved(repository, change))) {
    await giveUp(repository, change);
    return { kind: "head-moved" };
  }
  await conclude(repository, change, signal);
  return { kind: "done" };
}

/** What comes after the files and the branch. */
async function conclude(repository: Repository, change: Transaction, signal: AbortSignal): Promise<void> {
  await lockIndex(repository, change.id, signal);
  await changeIndex(repository, change.entries);
  const { file, after } = change.record;
  if (after === null) await removeKept(repository.disk, path.join(repository.place, file));
  else await writeKept(repository.disk, path.join(repository.place, file), after);
  await close(repository);
}

/** X2. Throws where it could not be moved although it is where it was. */
async function isHeadMoved(repository: Repository, change: Transaction): Promise<boolean> {
  if (change.head === null) return true;
  const { from, to, why } = change.head;
  const swap = ["update-ref", "-m", `planwright: ${why}`, "--end-of-options", "HEAD", to, from];
  try {
    await repository.git(swap);
    return true;
  } catch (error) {
    const at = await headOf(repository);
    if (await holds(repository, at, to)) return true;
    if (at !== from) return false;
    throw await undone(repository, { change, hasBegun: true, error });
  }
}

interface Broken {
  readonly change: Transaction;
  readonly hasBegun: boolean;
  readonly error: unknown;
}

/** The tree is as it was afterwards; where that cannot be either, the journal stays, and so does what it says. */
async function undone(repository: Repository, { change, hasBegun, error }: Broken): Promise<unknown> {
  try {
    if (hasBegun) await giveUp(repository, change);
    else {
      await removeDrafts(repository, change.moves);
      await close(repository);
    }
    return error;
  } catch {
    if (!(error instanceof Error)) return error;
    const message = `${error.message}; what was begun is kept in ${journalOf(repository)}, and ended by whatever changes the tree next`;
    return new ToolFailure("resource-exhausted", message, { code: "change-unfinished", cause: error });
  }
}

async function giveUp(repository: Repository, { id, moves }: Transaction): Promise<void> {
  await removeDrafts(repository, moves);
  const back: Moves = { ...backwards(moves), id };
  await moveFiles(repository, back);
  await close(repository);
}

async function close(repository: Repository): Promise<void> {
  await unlockIndex(repository);
  await removeKept(repository.disk, journalOf(repository));
}

async function holds({ git }: Repository, head: string, commit: string): Promise<boolean> {
  const { exitCode } = await git(["merge-base", "--is-ancestor", commit, head], { accepts: [0, 1] });
  return exitCode === 0;
}

/** Each working tree of the repository has its own. */
function journalOf({ place, gitDir }: Repository): string {
  const tree = createHash("sha256").update(gitDir).digest("hex").slice(0, 12);
  return path.join(place, `journal-${tree}.json`);
}
