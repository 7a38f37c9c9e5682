import { ToolFailure } from "#src/tools/define.ts";

/** What one way of listing found: paths relative to the directory, in any order, perhaps twice or gone by now. */
export interface Listing {
  readonly paths: readonly string[];
  readonly repositories: readonly string[];
}

/** Never part of a codebase: what git and this program keep beside it. */
const KEPT_BESIDE: ReadonlySet<string> = new Set([".git", ".planwright"]);

export function isKeptBeside(name: string): boolean {
  return KEPT_BESIDE.has(name);
}

export const MAX_FILES = 1_000_000;

export function tooManyFiles(directory: string): ToolFailure {
  const message = `${directory}: more than ${MAX_FILES} files`;
  return new ToolFailure("resource-exhausted", message, { code: "too-many-entries" });
}
