import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Made } from "#src/implementation/changes/merging.ts";
import { commitAll, git } from "./a-repository.ts";

/** What `change.make` would have made: a commit on HEAD, by whatever is done in a working tree of its own. */
export function madeIn(repository: string, change: (worktree: string) => void): Made {
  const base = git(repository, "rev-parse", "HEAD").trim();
  const worktree = mkdtempSync(path.join(tmpdir(), "planwright-made-"));
  git(repository, "worktree", "add", "--quiet", "--detach", worktree, base);
  try {
    change(worktree);
    return { base, commit: commitAll(worktree, "a change") };
  } finally {
    git(repository, "worktree", "remove", "--force", worktree);
    rmSync(worktree, { recursive: true, force: true });
  }
}
