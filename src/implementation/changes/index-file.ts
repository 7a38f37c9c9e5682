import path from "node:path";
import { sleep } from "#src/ports/clock.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { isSystemError, onlyWhenMissing } from "./disk.ts";
import type { Repository } from "./repository.ts";
import { indexEntries, isSameEntry, setIndexEntries, type EntryChange } from "./tree-entries.ts";

// The index of the user's working tree, changed by git's own rules: who has `index.lock` may, and nobody else's git
// does meanwhile.
//
// I1. A lock of ours says so in its content, so that one that a crash has left is known, and taken over by who has the repository's lock.
// I2. Only entries that are as they were expected are set: what the user has staged stays.

const MARK = "planwright ";
const POLL_MS = 50;
const MAX_WAIT_MS = 10_000;
const EXISTS = new Set(["EEXIST"]);

/** Fails with `index-locked` (unavailable) where another git has it for long. */
export async function lockIndex(repository: Repository, id: string, signal: AbortSignal): Promise<void> {
  const { disk, clock } = repository;
  await unlockIndex(repository);
  const until = clock.monotonic() + MAX_WAIT_MS;
  while (!(await isCreated(repository, id))) {
    if (clock.monotonic() > until) {
      const message = `${lockOf(repository)} is there: another git is at work. Where none is, remove that file`;
      throw new ToolFailure("unavailable", message, { code: "index-locked" });
    }
    await sleep(clock, POLL_MS, signal);
  }
  await disk.flush(repository.gitDir);
}

/** I1: only one of ours. */
export async function unlockIndex(repository: Repository): Promise<void> {
  const { disk } = repository;
  const bytes = await disk.read(lockOf(repository)).catch(onlyWhenMissing);
  if (bytes === undefined) return;
  if (bytes.subarray(0, MARK.length).toString() === MARK) await disk.unlink(lockOf(repository)).catch(onlyWhenMissing);
}

/** Sets what is as expected, while the index is locked. */
export async function changeIndex(repository: Repository, entries: readonly EntryChange[]): Promise<void> {
  const { disk, git, gitDir } = repository;
  const current = await indexEntries(repository);
  const due = entries.filter((entry) => isSameEntry(current.get(entry.path) ?? null, entry.from));
  const index = path.join(gitDir, "index");
  const draft = path.join(gitDir, "planwright-index");
  for (const left of [draft, `${draft}.lock`]) await disk.unlink(left).catch(onlyWhenMissing);
  const bytes = await disk.read(index).catch(onlyWhenMissing);
  if (bytes !== undefined) await disk.create(draft, bytes);
  await setIndexEntries(repository, draft, due);
  // Not only of what was set: what was moved has other times than the index knows.
  await git(["update-index", "-q", "--refresh"], { index: draft, accepts: [0, 1] });
  await disk.rename(draft, index);
  await disk.flush(gitDir);
}

function lockOf({ gitDir }: Repository): string {
  return path.join(gitDir, "index.lock");
}

/** Never there without its mark: whoever finds one that is empty would not know whose it is. */
async function isCreated(repository: Repository, id: string): Promise<boolean> {
  const { disk } = repository;
  const draft = path.join(repository.gitDir, "planwright-index.lock-draft");
  await disk.unlink(draft).catch(onlyWhenMissing);
  await disk.create(draft, Buffer.from(`${MARK}${id}\n`));
  try {
    await disk.addName(draft, lockOf(repository));
    return true;
  } catch (error) {
    if (isSystemError(error, EXISTS)) return false;
    throw error;
  } finally {
    await disk.unlink(draft).catch(onlyWhenMissing);
  }
}
