import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { onlyWhenMissing } from "./disk.ts";
import type { Repository } from "./repository.ts";

// What merging and taking back put beside for a moment: an index of their own, and what a checkout makes of a commit. Only who has the
// repository's lock uses any of it, so that what is there when the lock is taken was left by a crash. That may be git's own lock of such
// an index, where git was killed too: whoever tried again would never get it.

type Place = Pick<Repository, "place">;

export function stagingFolder({ place }: Place, id: string): string {
  return path.join(place, `staging-${id}`);
}

export function stagingIndex(repository: Place, id: string): string {
  return `${stagingFolder(repository, id)}.index`;
}

export function revertIndex({ place }: Place, id: string): string {
  return path.join(place, `revert-${id}.index`);
}

const SCRATCH = /^(?:staging|revert)-/u;
/** A git that outlived its process may still write there. */
const MAX_RETRIES = 5;

/** For who has just taken the lock. */
export async function removeScratch({ place }: Place): Promise<void> {
  const names = (await readdir(place).catch(onlyWhenMissing)) ?? [];
  for (const name of names.filter((one) => SCRATCH.test(one))) {
    await rm(path.join(place, name), { recursive: true, force: true, maxRetries: MAX_RETRIES });
  }
}
