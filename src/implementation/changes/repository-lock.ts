import path from "node:path";
import { mkdir } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { sleep } from "#src/ports/clock.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { Repository } from "./repository.ts";

// One at a time changes the tree and the branch of a repository, whether in this process or another, and many make changes away from
// them. The locks are the operating system's, taken by SQLite on files of their own: a killed holder frees its own at once.

const POLL_MS = 20;
/** As long as a merge of many files may take. */
const MAX_WAIT_MS = 120_000;
const BUSY = 5;

const ALONE = "begin exclusive";
/** SQLite's shared lock, which the first reading takes. */
const SHARED = "begin; select count(*) from sqlite_schema";
/** Of the tree, of all worktrees, and of what git knows of them. */
const FILES = { tree: "lock", worktrees: "making", list: "listing" } as const;

type Owner = Pick<ToolContext, "clock" | "signal">;

/** Fails with `repository-locked` (unavailable) where others hold it for long. */
export async function withRepositoryLock<T>(repository: Repository, owner: Owner, use: () => Promise<T>): Promise<T> {
  return whileHeld(await waitedFor(repository, { file: FILES.tree, how: ALONE }, owner), use);
}

/** For one who adds or removes a worktree: a git that does so reads of others what a second git may be writing. Fails as above. */
export async function withWorktreeList<T>(repository: Repository, owner: Owner, use: () => Promise<T>): Promise<T> {
  return whileHeld(await waitedFor(repository, { file: FILES.list, how: ALONE }, owner), use);
}

async function whileHeld<T>(held: Disposable, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    held[Symbol.dispose]();
  }
}

/** For as long as a worktree is in use; others may have it too. Fails as above. */
export function lockWorktrees(repository: Repository, owner: Owner): Promise<Disposable> {
  return waitedFor(repository, { file: FILES.worktrees, how: SHARED }, owner);
}

/** Undefined while anybody uses a worktree. */
export function takeUnusedWorktrees({ place }: Repository): Disposable | undefined {
  return taken(path.join(place, FILES.worktrees), ALONE);
}

interface Wanted {
  readonly file: string;
  readonly how: string;
}

async function waitedFor(repository: Repository, { file, how }: Wanted, { clock, signal }: Owner): Promise<Disposable> {
  await mkdir(repository.place, { recursive: true });
  const until = clock.monotonic() + MAX_WAIT_MS;
  for (;;) {
    const held = taken(path.join(repository.place, file), how);
    if (held !== undefined) return held;
    if (clock.monotonic() > until) throw new ToolFailure("unavailable", WAITED, { code: "repository-locked" });
    await sleep(clock, POLL_MS, signal);
  }
}

const WAITED = "somebody else has been changing this repository for long: end it, or wait until it is done";

function taken(file: string, how: string): Disposable | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec(`pragma journal_mode = memory; ${how}`);
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}
