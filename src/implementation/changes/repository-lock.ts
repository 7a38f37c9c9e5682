import path from "node:path";
import { mkdir } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { sleep } from "#src/ports/clock.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { Repository } from "./repository.ts";

// One at a time changes the tree and the branch of a repository, whether in this process or another. The lock is the operating
// system's, taken by SQLite on a file of its own: a killed holder frees it at once.

const POLL_MS = 20;
/** As long as a merge of many files may take. */
const MAX_WAIT_MS = 120_000;
const BUSY = 5;

/** Fails with `repository-locked` (unavailable) where others hold it for long. */
export async function withRepositoryLock<T>(
  repository: Repository,
  { clock, signal }: Pick<ToolContext, "clock" | "signal">,
  use: () => Promise<T>,
): Promise<T> {
  await mkdir(repository.place, { recursive: true });
  const file = path.join(repository.place, "lock");
  const until = clock.monotonic() + MAX_WAIT_MS;
  for (;;) {
    const held = taken(file);
    if (held !== undefined) {
      try {
        return await use();
      } finally {
        held.close();
      }
    }
    if (clock.monotonic() > until) throw new ToolFailure("unavailable", WAITED, { code: "repository-locked" });
    await sleep(clock, POLL_MS, signal);
  }
}

const WAITED = "somebody else has been changing this repository for long: end it, or wait until it is done";

function taken(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec("pragma journal_mode = memory; begin exclusive");
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}
