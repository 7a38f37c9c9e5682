import path from "node:path";
import { ToolFailure } from "#src/tools/define.ts";
import type { Change } from "./change.ts";
import { declaredFiles } from "./declared-files.ts";
import { refuseSubmodules } from "./merged-files.ts";
import { identityOf } from "./commit-identity.ts";
import { objectIdOf } from "./disk.ts";
import { lineOf, partsOf } from "./repository.ts";
import { changesBetweenTrees, LINK, type EntryChange } from "./tree-entries.ts";
import type { Workplace } from "./workplace-paths.ts";

// What a change has done in its worktree, as a commit, after it has been looked at.
//
// K1. All that differs counts, whoever wrote it: a file that was not declared, a link that leads out, a submodule, too many files or
//     bytes stop the change before there is anything that could be merged.

export interface Committing {
  readonly change: Change;
  readonly base: string;
  readonly parent: string;
  readonly message: string;
  readonly date: string;
}

/** The commit, or the parent where nothing differs from it. Fails with `undeclared-files`, `change-too-large`, `link-leads-out`, `submodule`. */
export async function committedChange(workplace: Workplace, committing: Committing): Promise<string> {
  const { repository, worktree } = workplace;
  const { git } = repository;
  const { change, base, parent, message, date } = committing;
  const cwd = worktree.directory;
  const touched = await touchedFiles(workplace, parent);
  refuseUndeclared(change, touched);
  await refuseLarge(workplace, change, touched);
  const stdin = touched.map((name) => `${name}\0`).join("");
  if (touched.length > 0) {
    const adding = ["add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"];
    await git(adding, { cwd, stdin });
  }
  const tree = lineOf(await git(["write-tree"], { cwd }));
  const entries = await changesBetweenTrees(repository, base, tree);
  refuseSubmodules(entries);
  refuseUndeclared(
    change,
    entries.map((entry) => entry.path),
  );
  await refuseLinksOut(workplace, entries);
  if (lineOf(await git(["rev-parse", `${parent}^{tree}`])) === tree) return parent;
  const environment = await identityOf(repository, date);
  const made = await git(["commit-tree", "--no-gpg-sign", "-p", parent, tree], { environment, stdin: `${message}\n` });
  const commit = lineOf(made);
  await git(["update-ref", "HEAD", commit], { cwd });
  return commit;
}

/** What is not as the parent has it, but for what is ignored or linked in. */
async function touchedFiles({ repository, worktree }: Workplace, parent: string): Promise<readonly string[]> {
  const { git } = repository;
  const { directory: cwd, links } = worktree;
  const isLink = (name: string): boolean => links.some((link) => name === link || name === `${link}/`);
  // Else a file that was written as it had been would count.
  await git(["update-index", "-q", "--refresh"], { cwd, accepts: [0, 1] });
  const tracked = partsOf(
    await git(["diff-index", "-z", "--name-only", "--no-ext-diff", "--no-renames", parent], { cwd }),
  );
  const others = partsOf(await git(["ls-files", "-z", "--others", "--exclude-standard"], { cwd }));
  return [...new Set([...tracked, ...others])].filter((name) => !isLink(name));
}

const MAX_NAMED = 50;

function refuseUndeclared({ id, files }: Change, touched: readonly string[]): void {
  const isDeclared = declaredFiles(files);
  const undeclared = touched.filter((name) => !isDeclared(name.replace(/\/$/u, "")));
  if (undeclared.length === 0) return;
  const named = undeclared.slice(0, MAX_NAMED);
  const rest = undeclared.length > named.length ? ` and ${undeclared.length - named.length} more` : "";
  const message = `${id} touched files that it does not declare: ${named.join(", ")}${rest}. Nothing was merged`;
  const details = { files: named, count: undeclared.length };
  throw new ToolFailure("permission", message, { code: "undeclared-files", details });
}

async function refuseLarge(
  { repository, worktree }: Workplace,
  change: Change,
  touched: readonly string[],
): Promise<void> {
  const { maxFiles, maxBytes } = change.workplace;
  if (touched.length > maxFiles) throw tooLarge(`${change.id} touches ${touched.length} files, more than ${maxFiles}`);
  let bytes = 0;
  for (const name of touched) {
    const entry = await repository.disk.entry(path.join(worktree.directory, name));
    bytes += entry?.kind === "file" ? entry.size : 0;
    if (bytes > maxBytes) throw tooLarge(`${change.id} writes more than ${maxBytes} bytes (up to ${name})`);
  }
}

function tooLarge(message: string): ToolFailure {
  return new ToolFailure("resource-exhausted", message, { code: "change-too-large" });
}

async function refuseLinksOut({ repository, worktree }: Workplace, entries: readonly EntryChange[]): Promise<void> {
  for (const { path: name, to } of entries) {
    if (to?.mode !== LINK) continue;
    const target = (await repository.disk.readLink(path.join(worktree.directory, name))).toString();
    const reached = path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
    const isInside = !path.posix.isAbsolute(target) && reached !== ".." && !reached.startsWith("../");
    const isGits = reached.split("/").some((part) => part.toLowerCase() === ".git");
    if (isInside && !isGits && to.oid === objectIdOf(Buffer.from(target), repository.format)) continue;
    const message = `${name}: is a link that leads out of the repository, to ${target}`;
    throw new ToolFailure("permission", message, { code: "link-leads-out" });
  }
}
