// The border between the tidy test and the checkout: which files there are, and one parsed view of each.
// What git tracks and what it would track counts; what is ignored or deleted does not.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A source with its path from the root, in forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export function parse(file: string, text: string): Source {
  return { path: file, text, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) };
}

/** Paths of every file that is, or would be, under version control. */
export function listFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return listed.split("\0").filter((file) => file !== "" && existsSync(path.join(ROOT, file)));
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

export function listSources(): Source[] {
  return listFiles()
    .filter((file) => file.endsWith(".ts"))
    .map((file) => parse(file, readText(file)));
}

/** Every node of a tree, parents first. */
export function* nodesOf(tree: ts.Node): Generator<ts.Node> {
  yield tree;
  for (const child of tree.getChildren()) yield* nodesOf(child);
}

export function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1;
}
