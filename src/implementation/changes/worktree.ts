import { mkdir, readdir, realpath, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { ToolFailure } from "#src/tools/define.ts";
import { worktreeOf, WORKTREES, type ChangeName } from "./change-names.ts";
import { onlyWhenMissing } from "./disk.ts";
import { lockWorktrees, takeUnusedWorktrees, withWorktreeList } from "./repository-lock.ts";
import { partsOf, type Repository } from "./repository.ts";

// Where a change is made: a working tree of git of its own, at the commit that is HEAD, away from the user's.
//
// W1. What an attempt has left behind is gone before the next one begins, and goes with the next look at the repository while nobody
//     makes a change: the attempt that a kill has cut off may have been the last.
// W2. Git is told of one at a time; their files are written beside each other.
// W3. Folders that are linked in are the user's own, and shared: they have to be ignored by git, so that nothing of them is merged.

export interface Worktree extends AsyncDisposable {
  readonly directory: string;
  /** The commit that it is of. */
  readonly base: string;
  /** Names of what is linked in. */
  readonly links: readonly string[];
}

interface Opening {
  readonly name: ChangeName;
  readonly base: string;
  readonly link: readonly string[];
  readonly signal: AbortSignal;
}

export async function openWorktree(repository: Repository, { name, base, link, signal }: Opening): Promise<Worktree> {
  const directory = worktreeOf(repository, name);
  const { clock, uninterrupted } = repository;
  const held = await lockWorktrees(repository, { clock, signal });
  const remove = async (): Promise<void> => {
    try {
      await withWorktreeList(repository, { clock, signal: NEVER }, () => removed(uninterrupted, directory));
    } finally {
      held[Symbol.dispose]();
    }
  };
  try {
    await mkdir(path.dirname(directory), { recursive: true });
    await withWorktreeList(repository, { clock, signal }, async () => {
      await removed(uninterrupted, directory);
      await repository.git(["worktree", "add", "--quiet", "--force", "--detach", "--no-checkout", directory, base]);
    });
    await repository.git(["reset", "--quiet", "--hard"], { cwd: directory });
    const links = await linked(repository, directory, link);
    return { directory: await realpath(directory), base, links, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const NEVER = new AbortController().signal;

/** W1. Nobody adds any meanwhile: who does uses one. */
export async function removeUnused(repository: Repository): Promise<void> {
  const left = await leftIn(repository);
  if (left.length === 0) return;
  using held = takeUnusedWorktrees(repository);
  if (held === undefined) return;
  // A program that the killed process has started may still write there: then it goes with a later look.
  for (const directory of left) await removed(repository, directory).catch(() => undefined);
}

async function leftIn({ place }: Repository): Promise<readonly string[]> {
  const folder = path.join(place, WORKTREES);
  const plans = (await readdir(folder).catch(onlyWhenMissing)) ?? [];
  const changes = plans.map(async (plan) => {
    const names = (await readdir(path.join(folder, plan)).catch(onlyWhenMissing)) ?? [];
    return names.map((name) => path.join(folder, plan, name));
  });
  return (await Promise.all(changes)).flat();
}

/** Only what git knows of this one goes; others may just be made. */
async function removed({ git }: Repository, directory: string): Promise<void> {
  await git(["worktree", "remove", "--force", "--force", directory], { accepts: [0, 128] });
  await rm(directory, { recursive: true, force: true });
  await git(["worktree", "prune"]);
}

/** W3. Those that are there. */
async function linked(repository: Repository, directory: string, names: readonly string[]): Promise<readonly string[]> {
  const links: string[] = [];
  for (const given of names) {
    const name = path.posix.normalize(given).replace(/\/$/u, "");
    if (path.isAbsolute(name) || name === "." || name.split("/").includes("..")) {
      throw refusal(`${given}: a folder to link in is inside the repository`);
    }
    const own = path.join(repository.top, name);
    if ((await repository.disk.entry(own)) === undefined) continue;
    const [ignored] = await ignoredAmong(repository, [name], repository.top);
    if (ignored === undefined) throw refusal(`${given}: only what git ignores is linked in`);
    const place = path.join(directory, name);
    await mkdir(path.dirname(place), { recursive: true });
    await symlink(own, place);
    links.push(name);
  }
  return links;
}

/** Of paths that no link is in. */
export async function ignoredAmong(
  { git }: Repository,
  names: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  // With `./` before it no name is taken for more than a name.
  const stdin = names.map((name) => `./${name}\0`).join("");
  const options = { stdin, cwd, patterns: true, accepts: [0, 1] };
  return partsOf(await git(["check-ignore", "-z", "--stdin"], options)).map((name) => name.replace(/^\.\//u, ""));
}

function refusal(message: string): ToolFailure {
  return new ToolFailure("validation", message, { code: "link-not-ignored" });
}
