import path from "node:path";
import { openDirectory, openParent, type PinnedDirectory, type PinnedFile } from "#src/tools/builtin/root.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { partsOf, type Repository } from "./repository.ts";
import { SUBMODULE } from "./tree-entries.ts";
import { ignoredAmong, type Worktree } from "./worktree.ts";

// The paths that actions name: inside of the worktree, and nothing that is git's, ignored, linked in or of another repository.
// What a path leads to is decided after all links, and looked at again with the directory held open.

export interface Workplace {
  readonly repository: Repository;
  readonly worktree: Worktree;
}

/** Of a file that may not be there yet. Fails with `outside-worktree`, `ignored-file`, `submodule`. */
export async function openPlace(workplace: Workplace, name: string): Promise<PinnedFile> {
  const normal = await allowed(workplace, name);
  const file = await openParent(workplace.worktree.directory, normal, true);
  try {
    if (isGits(file.relative)) throw outside(name);
    await refuseIgnored(workplace, [file.relative]);
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

export interface OpenEntry extends AsyncDisposable {
  readonly directory: PinnedDirectory;
  /** Where the entry itself is, link or not. */
  readonly path: string;
}

/** Of what is at the path itself, which may be a link: it is not followed. */
export async function openEntry(workplace: Workplace, name: string): Promise<OpenEntry> {
  const normal = await allowed(workplace, name);
  const { directory: top } = workplace.worktree;
  const directory = await openDirectory(top, path.posix.dirname(normal));
  try {
    const real = path.relative(top, directory.realPath);
    if (isGits(real)) throw outside(name);
    await refuseIgnored(workplace, [path.posix.join(real, path.posix.basename(normal))]);
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return {
    directory,
    path: path.join(directory.path, path.posix.basename(normal)),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function allowed({ repository, worktree }: Workplace, name: string): Promise<string> {
  const normal = path.posix.normalize(name);
  const leads = path.posix.isAbsolute(name) || normal === "." || normal === ".." || normal.startsWith("../");
  if (leads || name.includes("\0") || isGits(normal)) throw outside(name);
  const inner = await submodulesIn(repository, worktree);
  if (inner.some((one) => normal === one || normal.startsWith(`${one}/`))) {
    throw new ToolFailure("validation", `${name}: is in a submodule, which is a repository of its own`, {
      code: "submodule",
    });
  }
  return normal.replace(/\/$/u, "");
}

/** Fails with `ignored-file`: what git does not see would be lost, and nobody would know. */
export async function refuseIgnored({ repository, worktree }: Workplace, names: readonly string[]): Promise<void> {
  const { directory, links } = worktree;
  const ignored = await ignoredAmong(repository, names, directory);
  const linked = names.filter((name) => links.some((link) => name === link || name.startsWith(`${link}/`)));
  const [first] = [...linked, ...ignored];
  if (first === undefined) return;
  throw new ToolFailure("validation", `${first}: is ignored by git, so that it cannot be merged or taken back`, {
    code: "ignored-file",
  });
}

async function submodulesIn({ git }: Repository, { directory }: Worktree): Promise<readonly string[]> {
  const parts = partsOf(await git(["ls-files", "-s", "-z"], { cwd: directory }));
  return parts.flatMap((part) => (part.startsWith(SUBMODULE) ? [part.slice(part.indexOf("\t") + 1)] : []));
}

/** As file systems compare names: whatever their case. */
function isGits(name: string): boolean {
  return name.split("/").some((part) => part.toLowerCase() === ".git");
}

function outside(name: string): ToolFailure {
  return new ToolFailure("permission", `${name}: a change stays inside of its worktree`, { code: "outside-worktree" });
}
