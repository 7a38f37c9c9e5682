import path from "node:path";
import { ToolFailure } from "#src/tools/define.ts";
import { lineOf, type Repository } from "./repository.ts";

// Whether a repository is in a state in which changes can be brought in and taken back.

/** Fails with `repository-busy` in the middle of somebody's merge, rebase, cherry-pick, revert or bisection. */
export async function refuseUnfinished({ disk, gitDir }: Repository): Promise<void> {
  for (const [name, what, next] of UNDER_WAY) {
    if ((await disk.entry(path.join(gitDir, name))) === undefined) continue;
    const message = `the repository is in the middle of ${what}: ${next}`;
    throw new ToolFailure("conflict", message, { code: "repository-busy" });
  }
}

const UNDER_WAY = [
  ["MERGE_HEAD", "a merge", "`git merge --continue` or `git merge --abort`"],
  ["rebase-merge", "a rebase", "`git rebase --continue` or `git rebase --abort`"],
  ["rebase-apply", "a rebase or `git am`", "`git rebase --continue` or `--abort`, or those of `git am`"],
  ["CHERRY_PICK_HEAD", "a cherry-pick", "`git cherry-pick --continue` or `--abort`"],
  ["REVERT_HEAD", "a revert", "`git revert --continue` or `git revert --abort`"],
  ["BISECT_LOG", "a bisection", "`git bisect reset`"],
] as const;

/** The commit. Fails with `no-commits`. */
export async function refuseEmpty({ git }: Repository): Promise<string> {
  const answer = await git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { accepts: [0, 1] });
  if (answer.exitCode === 0) return lineOf(answer);
  const message = "the repository has no commit yet: `git add --all` and `git commit` make the first one";
  throw new ToolFailure("not-found", message, { code: "no-commits" });
}

/** The branch's name. Fails with `detached-head`. */
export async function refuseDetached({ git }: Repository): Promise<string> {
  const answer = await git(["symbolic-ref", "--quiet", "--short", "HEAD"], { accepts: [0, 1] });
  if (answer.exitCode === 0) return lineOf(answer);
  const message = "no branch is checked out, so that commits would belong to none: `git switch -c NAME` makes one";
  throw new ToolFailure("conflict", message, { code: "detached-head" });
}
