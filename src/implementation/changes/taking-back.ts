import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { ChangedFile, ChangeRecord } from "./change-record.ts";
import { onlyWhenMissing } from "./disk.ts";
import { attemptId, keptFolder, recordFile, type ChangeName } from "./change-names.ts";
import { identityOf } from "./commit-identity.ts";
import { isSameState, lookAt, stateText, type Seen } from "./file-state.ts";
import type { FileMove, Unfit } from "./file-moves.ts";
import { readKept, removeKept } from "./kept-file.ts";
import { withContents } from "./object-contents.ts";
import { refuseUnfinished } from "./repository-state.ts";
import { withRepositoryLock } from "./repository-lock.ts";
import { lineOf, type Repository } from "./repository.ts";
import { revertIndex } from "./scratch.ts";
import { endLeftover, headOf, keptRecord, transact, type Transaction } from "./transaction.ts";
import { changesBetweenTrees, indexEntries, isSameEntry, setIndexEntries, type EntryChange } from "./tree-entries.ts";

// Takes a merged change back: each of its files as it was before, in the tree, in the index, and by a commit where HEAD has it.
//
// B1. A file that is neither as the change left it nor as it was before is somebody's: then nothing at all is done, and both versions
//     are named and kept (`changed-since`).
// B2. Again is nothing: what is as it was before stays so. That nothing was ever merged is accepted.

export type TakenBack =
  | { readonly outcome: "nothing"; readonly files: readonly string[]; readonly commit: null }
  | {
      readonly outcome: "taken-back";
      readonly files: readonly string[];
      /** Null where HEAD did not have it. */
      readonly commit: string | null;
    };

const MAX_TRIES = 5;

/** Fails with `changed-since`, `head-moving`, and what the repository is refused for. */
export async function takeBack(
  repository: Repository,
  { name, record: given }: { readonly name: ChangeName; readonly record: ChangeRecord | null },
  context: ToolContext,
): Promise<TakenBack> {
  return withRepositoryLock(repository, context, async () => {
    await endLeftover(repository, context.signal);
    const kept = await readKept(repository.disk, path.join(repository.place, recordFile(name)), keptRecord);
    const record = given ?? kept?.record;
    if (record === undefined) return { outcome: "nothing", files: [], commit: null };
    await refuseUnfinished(repository);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const done = await takenBackNow(repository, { name, record }, context);
      if (done !== undefined) return done;
    }
    const message = "somebody moves the branch all the time: roll back when that is done";
    throw new ToolFailure("conflict", message, { code: "head-moving" });
  });
}

/** For a merge of which nobody knows the change: a failure unless the plan has merged nothing. */
export async function refuseUnnamed(repository: Repository, plan: string, context: ToolContext): Promise<void> {
  await withRepositoryLock(repository, context, () => endLeftover(repository, context.signal));
  const folder = path.join(repository.place, path.dirname(recordFile({ plan, change: "" })));
  const names = await repository.disk.list(folder).catch(onlyWhenMissing);
  if (names === undefined || names.length === 0) return;
  const message = "it is not known which change is to be taken back: the call has neither a record nor a change";
  throw new ToolFailure("validation", message, { code: "change-unnamed" });
}

interface TakingBack {
  readonly name: ChangeName;
  readonly record: ChangeRecord;
}

/** Undefined where somebody has moved the branch meanwhile. */
async function takenBackNow(
  repository: Repository,
  { name, record }: TakingBack,
  { signal, clock }: ToolContext,
): Promise<TakenBack | undefined> {
  const files = record.files.map(({ path: file, before, after }): FileMove => ({
    path: file,
    from: after,
    to: before,
  }));
  const entries = await changesBetweenTrees(repository, record.commit, record.base);
  const id = attemptId(name, record.commit, "back");
  const date = new Date(clock.now()).toISOString();
  const head = await revertCommit(repository, { name, entries, id, date });
  const seen = await lookAt(repository, files);
  const due = dueOf(seen, files);
  if (head === null && due.length === 0) {
    await removeKept(repository.disk, path.join(repository.place, recordFile(name)));
    return { outcome: "nothing", files: [], commit: null };
  }
  const change: Transaction = {
    ...{ id, entries: [...entries], head, record: { file: recordFile(name), after: null } },
    moves: {
      ...{ id, files, makes: record.removed ?? [] },
      removes: record.directories.map((directory) => ({ path: directory })),
    },
  };
  const done = await transact(repository, { change, seen }, signal);
  if (done.kind === "unfit") throw await changedSince(repository, { name, record }, done.files);
  if (done.kind === "head-moved") return undefined;
  return { outcome: "taken-back", files: due, commit: head === null ? null : head.to };
}

function dueOf(seen: ReadonlyMap<string, Seen>, files: readonly FileMove[]): readonly string[] {
  return files.flatMap(({ path: file, to }) => {
    const found = seen.get(file)?.found;
    return found !== undefined && isSameState(found, to) ? [] : [file];
  });
}

interface Reverting {
  readonly name: ChangeName;
  readonly entries: readonly EntryChange[];
  readonly id: string;
  readonly date: string;
}

/** On HEAD, with the files of the change as they were, where HEAD has them as the change left them; null where it has none so. */
async function revertCommit(
  repository: Repository,
  { name, entries, id, date }: Reverting,
): Promise<Transaction["head"]> {
  const { git } = repository;
  const head = await headOf(repository);
  const index = revertIndex(repository, id);
  try {
    await git(["read-tree", head], { index });
    const current = await indexEntries(repository, index);
    const due = entries.filter((entry) => isSameEntry(current.get(entry.path) ?? null, entry.from));
    if (due.length === 0) return null;
    await setIndexEntries(repository, index, due);
    const tree = lineOf(await git(["write-tree"], { index }));
    const stdin = `Revert ${name.change}\n\nTaken back by planwright.\n`;
    const environment = await identityOf(repository, date);
    const commit = await git(["commit-tree", "--no-gpg-sign", "-p", head, tree], { environment, stdin });
    return { from: head, to: lineOf(commit), why: `revert ${name.change}` };
  } finally {
    await rm(index, { force: true });
  }
}

const MAX_NAMED = 20;

/** B1. The version of before lies where a person finds it; the other one is in its place. */
async function changedSince(
  repository: Repository,
  { name, record }: TakingBack,
  unfit: readonly Unfit[],
): Promise<ToolFailure> {
  const changed = new Set(unfit.map((file) => file.path));
  const files = record.files.filter((file) => changed.has(file.path));
  const folder = keptFolder(repository, name);
  await keepVersions(repository, folder, files);
  const named = unfit.map((file) => ({
    path: file.path,
    before: stateText(file.to),
    change: stateText(file.from),
    found: stateText(file.found),
  }));
  await writeFile(path.join(folder, "report.json"), JSON.stringify({ record, files: named }, null, 2));
  const shown = named.slice(0, MAX_NAMED);
  const lines = shown.map((file) => `${file.path} (it was ${file.before}, is now ${file.found})`).join("; ");
  const rest = named.length > shown.length ? ` and ${named.length - shown.length} more` : "";
  const message = `somebody has changed ${lines}${rest}. Nothing was touched; what was there before is in ${folder}. Make each file what it was before or what the change made of it, then roll back again`;
  return new ToolFailure("conflict", message, { code: "changed-since", details: { files: shown, kept: folder } });
}

async function keepVersions(repository: Repository, folder: string, files: readonly ChangedFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const oids = files.flatMap(({ before }) => (before.kind === "none" ? [] : [before.oid]));
  await withContents(repository, oids, async (contents) => {
    for (const { path: file, before } of files) {
      const bytes = before.kind === "none" ? undefined : contents.get(before.oid);
      if (bytes === undefined) continue;
      const place = path.join(folder, "before", file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, bytes);
    }
  });
}
