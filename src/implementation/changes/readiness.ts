import { access, constants } from "node:fs/promises";
import path from "node:path";
import type { Check } from "#src/implementation/checks/check.ts";
import { childEnvironment } from "#src/tools/builtin/child-process.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { CheckRunner } from "./making.ts";
import { dirtyFiles } from "./merged-files.ts";
import { refuseDetached, refuseEmpty, refuseUnfinished } from "./repository-state.ts";
import { withRepositoryLock } from "./repository-lock.ts";
import type { Repository } from "./repository.ts";
import { endLeftover } from "./transaction.ts";

// Whether changes can be made now: what would stop one of them halfway stops all of them before the first.
// Each refusal says what to do next.

export interface Needed {
  /** That should pass. */
  readonly checks: readonly Check[];
  readonly programs: readonly string[];
  /** Tracked or not, from the top. */
  readonly files: readonly string[];
}

export interface Ready {
  readonly head: string;
  readonly branch: string;
}

/**
 * Fails with `no-commits`, `detached-head`, `repository-busy`, `dirty-tree`, `program-missing`, `file-missing`, `check-not-met`.
 * What a crash has left of a merge is ended first.
 */
export async function readiness(
  repository: Repository,
  { needed, check }: { readonly needed: Needed; readonly check: CheckRunner },
  context: ToolContext,
): Promise<Ready> {
  const head = await refuseEmpty(repository);
  await withRepositoryLock(repository, context, () => endLeftover(repository, context.signal));
  await refuseUnfinished(repository);
  const branch = await refuseDetached(repository);
  await refuseDirty(repository);
  await refuseMissingPrograms(repository, needed.programs, context);
  await refuseMissingFiles(repository, needed.files);
  for (const one of needed.checks) {
    const { verdict, code, evidence } = await check(one, repository.top, context);
    if (verdict === "met") continue;
    const why = [code, ...evidence.map(({ text }) => text)].filter((text) => text !== undefined).join("; ");
    throw failure("validation", "check-not-met", `a check that has to hold before the changes does not: ${why}`);
  }
  return { head, branch };
}

const MAX_NAMED = 20;

async function refuseDirty(repository: Repository): Promise<void> {
  const dirty = [...(await dirtyFiles(repository))];
  if (dirty.length === 0) return;
  const rest = dirty.length > MAX_NAMED ? ` and ${dirty.length - MAX_NAMED} more` : "";
  const message = `${dirty.slice(0, MAX_NAMED).join(", ")}${rest}: not as the last commit has it. Commit it or \`git stash\` it, then \`planwright retry\``;
  throw failure("conflict", "dirty-tree", message);
}

async function refuseMissingPrograms(
  { top }: Repository,
  programs: readonly string[],
  context: ToolContext,
): Promise<void> {
  const { PATH = "" } = context.roots.environment ?? childEnvironment(process.env);
  const missing: string[] = [];
  for (const program of new Set(programs)) {
    const places = program.includes("/") ? [top] : PATH.split(path.delimiter).filter((one) => one !== "");
    const found = await Promise.all(places.map((place) => isExecutable(path.resolve(place, program))));
    if (!found.includes(true)) missing.push(program);
  }
  if (missing.length === 0) return;
  throw failure("not-found", "program-missing", `${missing.join(", ")}: not found; install it, or put it on PATH`);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function refuseMissingFiles({ disk, top }: Repository, files: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const file of files) if ((await disk.entry(path.join(top, file))) === undefined) missing.push(file);
  if (missing.length === 0) return;
  const named = missing.slice(0, MAX_NAMED).join(", ");
  throw failure("not-found", "file-missing", `${named}: is to be changed, and is not there; plan the changes anew`);
}

function failure(category: ToolFailure["category"], code: string, message: string): ToolFailure {
  return new ToolFailure(category, message, { code });
}
