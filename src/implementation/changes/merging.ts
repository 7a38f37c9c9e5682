import path from "node:path";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { ChangeRecord } from "./change-record.ts";
import { attemptId, extraRef, madeRef, mergedRef, recordFile, type ChangeName } from "./change-names.ts";
import { stateText } from "./file-state.ts";
import type { Unfit } from "./file-moves.ts";
import { readKept } from "./kept-file.ts";
import { filesToMerge, type FilesToMerge } from "./merged-files.ts";
import { refuseUnfinished } from "./repository-state.ts";
import { withRepositoryLock } from "./repository-lock.ts";
import type { Repository } from "./repository.ts";
import { replayedOnto, type Conflict } from "./replayed-commits.ts";
import { endLeftover, headOf, keptRecord, transact, type KeptRecord, type Transaction } from "./transaction.ts";

// Brings the commit of a change into the branch that is checked out, and into the user's tree.
//
// M1. Merging the same commit again gives the record of the first time, and does nothing.
// M2. The branch is taken as it is at that moment; where somebody moves it meanwhile, all is found out anew, a bounded number of times.

export interface Made {
  readonly commit: string;
  readonly base: string;
}

/** Somebody who commits all the time is not waited out. */
const MAX_TRIES = 5;

/** Fails with `merge-conflict`, `dirty-tree`, `changed-since`, `head-moving`, `submodule`, and what the repository is refused for. */
export async function mergeChange(
  repository: Repository,
  { name, made }: { readonly name: ChangeName; readonly made: Made },
  context: ToolContext,
): Promise<ChangeRecord> {
  return withRepositoryLock(repository, context, async () => {
    await endLeftover(repository, context.signal);
    const known = await readKept(repository.disk, path.join(repository.place, recordFile(name)), keptRecord);
    if (known?.made === made.commit) return known.record;
    await refuseUnfinished(repository);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const record = await mergedNow(repository, { name, made }, context);
      if (record !== undefined) return record;
    }
    throw failure("head-moving", "somebody moves the branch all the time: merge it when that is done");
  });
}

interface Merging {
  readonly name: ChangeName;
  readonly made: Made;
}

/** Undefined where somebody has moved the branch meanwhile. */
async function mergedNow(
  repository: Repository,
  { name, made }: Merging,
  { signal }: ToolContext,
): Promise<ChangeRecord | undefined> {
  const head = await headOf(repository);
  const replayed = await replayedOnto(repository, made, head);
  if (replayed.kind === "conflict") throw mergeConflict(name, replayed.conflicts);
  const { commit } = replayed;
  const id = attemptId(name, head, commit);
  const files = await filesToMerge(repository, { head, commit, id });
  await keep(repository, { name, made, commit, files });
  const record: ChangeRecord = {
    ...{ change: name.change, base: head, commit, files: [...files.files] },
    directories: files.makes.map((directory) => directory.path),
    ...(files.removes.length === 0 ? {} : { removed: [...files.removes] }),
  };
  const merging = transactionOf(files, { name, id, after: { made: made.commit, record } });
  const done = await transact(repository, { change: merging }, signal);
  if (done.kind === "unfit") throw changedMeanwhile(done.files);
  return done.kind === "done" ? record : undefined;
}

function transactionOf(
  { entries, files, makes, removes }: FilesToMerge,
  { name, id, after }: { readonly name: ChangeName; readonly id: string; readonly after: KeptRecord },
): Transaction {
  const { base, commit } = after.record;
  return {
    id,
    moves: {
      ...{ id, makes: makes.map(({ path: made }) => ({ path: made })), removes: [...removes] },
      files: files.map((file) => ({ path: file.path, from: file.before, to: file.after })),
    },
    head: base === commit ? null : { from: base, to: commit, why: `merge ${name.change}` },
    entries: [...entries],
    record: { file: recordFile(name), after },
  };
}

interface Keeping extends Merging {
  readonly commit: string;
  readonly files: FilesToMerge;
}

/** No garbage collection takes what taking the change back needs. */
async function keep({ git }: Repository, { name, made, commit, files }: Keeping): Promise<void> {
  const refs: [string, string][] = [
    [madeRef(name), made.commit],
    [mergedRef(name), commit],
  ];
  if (files.extra.length > 0) {
    const lines = files.extra.map((oid, number) => `100644 blob ${oid}\t${number}\n`).join("");
    const tree = await git(["mktree"], { stdin: lines });
    refs.push([extraRef(name), tree.stdout.toString().trim()]);
  }
  const stdin = refs.map(([ref, oid]) => `update ${ref} ${oid}\n`).join("");
  await git(["update-ref", "--stdin"], { stdin });
}

const MAX_NAMED = 20;

function mergeConflict({ change }: ChangeName, conflicts: readonly Conflict[]): ToolFailure {
  const named = conflicts.slice(0, MAX_NAMED);
  const paths = named.map((conflict) => conflict.path).join(", ");
  const message = `${change} and what was changed meanwhile do not go together in ${paths}`;
  return failure("merge-conflict", message, { conflicts: named, count: conflicts.length });
}

function changedMeanwhile(files: readonly Unfit[]): ToolFailure {
  const named = files.slice(0, MAX_NAMED).map((file) => {
    return { path: file.path, expected: stateText(file.from), found: stateText(file.found) };
  });
  const message = `${named.map((file) => file.path).join(", ")}: somebody has changed it just now; nothing was merged`;
  return failure("changed-since", message, { files: named });
}

function failure(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): ToolFailure {
  return new ToolFailure("conflict", message, { code, details });
}
