import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { summaryOf, type SummaryOptions } from "#src/implementation/codebase/codebase.ts";
import type { CodebaseContext } from "#src/implementation/codebase/context-shape.ts";
import { filesOf, type CodeFiles } from "#src/implementation/codebase/listing/files.ts";
import { contextOf } from "../../tools/context.ts";

/** Files by path; in the order in which they are written. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

export async function writeTree(root: string, tree: Tree): Promise<void> {
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** A git that knows nothing of this machine's configuration. */
export function gitIn(root: string): (...args: string[]) => string {
  const env = {
    ...{ PATH: process.env["PATH"], HOME: root, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    ...{ GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.org", GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z" },
    ...{ GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org" },
  };
  return (...args) =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function filesIn(root: string, directory = "."): Promise<CodeFiles> {
  return filesOf(contextOf({ root }), directory);
}

export async function pathsIn(root: string, directory = "."): Promise<readonly string[]> {
  return (await filesIn(root, directory)).files.map((file) => file.path);
}

export function summaryIn(root: string, options: SummaryOptions = {}): Promise<CodebaseContext> {
  return summaryOf(contextOf({ root }), ".", options);
}
