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
