import type { Check } from "#src/implementation/checks/check.ts";
import { escapedPattern } from "./file-patterns.ts";

// What a check reads, and what a command needs to be there, as far as they say it: patterns, in the words of `fs.glob`.
//
// R1. A command that does not say what it reads may read everything. That would put every change before it; so it waits only for what
//     provides its program, the files that it names, and the manifest that its package manager goes by.

export function readsOfCheck(check: Check): readonly string[] {
  if ("files" in check) return positive(check.files);
  if (check.kind === "json") return [escapedPattern(check.file)];
  if (check.kind !== "command" && check.kind !== "test") return [];
  return [...positive(check.reads ?? []), ...neededBy(check.run ?? TEST_COMMAND)];
}

/** What has to be there for a command to run, beside what it reads. */
export function neededBy([program = "", ...given]: readonly string[]): readonly string[] {
  const manifests = Object.hasOwn(MANIFESTS, program) ? (MANIFESTS[program] ?? []) : [];
  return [...manifests, ...[program, ...given].filter(isFileName).map(escapedPattern)];
}

/** The default of a `test` check: the manifest says what the command is. */
const TEST_COMMAND = ["npm", "test"];

/** What program goes by what file. */
const MANIFESTS: Readonly<Record<string, readonly string[]>> = {
  npm: ["package.json"],
  npx: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  bun: ["package.json"],
  make: ["Makefile", "makefile", "GNUmakefile"],
  just: ["justfile"],
  cargo: ["Cargo.toml"],
  go: ["go.mod"],
  pytest: ["pyproject.toml"],
  poetry: ["pyproject.toml"],
  mvn: ["pom.xml"],
};

/** `scripts/check.mjs`, and no option, address, or folder as a whole. */
function isFileName(word: string): boolean {
  if (word.startsWith("-") || word.startsWith("/") || word.includes("://") || /\s/.test(word)) return false;
  const name = word.split("/").at(-1) ?? "";
  return /[^.]/.test(name) && (word.includes("/") || /\.[A-Za-z0-9]+$/.test(name));
}

function positive(patterns: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => !pattern.startsWith("!"));
}
