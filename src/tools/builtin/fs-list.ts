// fs.list and fs.glob: what is in a directory, and which files below it have names of a certain shape.
//
// L1. Links are listed by fs.list as links, and neither followed nor matched by fs.glob: no cycle, no way out.
// L2. Reaching a limit is a failure that names it; a list that ends early without saying so is worse than none.

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, ToolFailure } from "../define.ts";
import { compileGlob } from "./glob-pattern.ts";
import type { Glob, GlobState } from "./glob-pattern.ts";
import { openDirectory, openSubdirectory, pathArgument, slashed } from "./root.ts";
import type { PinnedDirectory } from "./root.ts";

const MAX_LISTED_ENTRIES = 10_000;
const MAX_WALKED_ENTRIES = 200_000;
const MAX_GLOB_RESULTS = 20_000;
const MAX_WALK_DEPTH = 64;

const MAX_PATTERN_CHARS = 1000;
const MAX_PATTERNS = 50;

const kind = z.enum(["file", "directory", "link", "other"]);

export const fsList = defineTool({
  name: "fs.list",
  version: "1.0.0",
  description:
    "Lists the files and folders of a directory inside the root, sorted by name: path, name, kind, size in bytes.",
  input: z.strictObject({ path: pathArgument.default("."), hidden: z.boolean().default(true) }),
  output: z.array(z.object({ path: z.string(), name: z.string(), kind, bytes: z.int() })),
  sideEffects: "read",
  async run({ path: name, hidden }, context) {
    await using directory = await openDirectory(context.roots.fs, name);
    const entries = (await readdir(directory.path, { withFileTypes: true })).filter(
      (entry) => hidden || !entry.name.startsWith("."),
    );
    if (entries.length > MAX_LISTED_ENTRIES) throw tooMany(name, `entries in a directory`, MAX_LISTED_ENTRIES);
    const listed = entries.map(async (entry) => ({
      path: relativePath(directory, entry.name),
      name: entry.name,
      kind: kindOf(entry),
      bytes: entry.isFile() ? await sizeOf(path.join(directory.path, entry.name)) : 0,
    }));
    return (await Promise.all(listed)).sort((a, b) => compare(a.name, b.name));
  },
});

const pattern = z.string().min(1).max(MAX_PATTERN_CHARS);

export const fsGlob = defineTool({
  name: "fs.glob",
  version: "1.0.0",
  description:
    "Finds all files in a folder of the root and below by a pattern of names (`*`, `**`, `?`, `[a-z]`, `{a,b}`). The output is their sorted paths from the root.",
  input: z.strictObject({
    pattern: z.union([pattern, z.array(pattern).min(1).max(MAX_PATTERNS)]),
    path: pathArgument.default("."),
    hidden: z.boolean().default(false).describe("whether * and ** match names that begin with a dot"),
    ignore: z
      .array(z.string())
      .max(MAX_PATTERNS)
      .default([".git", "node_modules"])
      .describe("names that are not entered"),
  }),
  output: z.array(z.string()),
  sideEffects: "read",
  async run({ pattern: wanted, path: name, hidden, ignore }, context) {
    const glob = compileGlob(typeof wanted === "string" ? [wanted] : wanted, { hidden });
    await using directory = await openDirectory(context.roots.fs, name);
    const walk: Walk = { glob, ignore: new Set(ignore), signal: context.signal, found: [], walked: 0 };
    await descend(walk, directory, { state: glob.start, depth: 0, prefix: relativePath(directory, "") });
    return walk.found.sort(compare);
  },
});

interface Walk {
  readonly glob: Glob;
  readonly ignore: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly found: string[];
  walked: number;
}

interface Level {
  readonly state: GlobState;
  readonly depth: number;
  /** Path of the directory from the root, empty or ending with `/`. */
  readonly prefix: string;
}

async function descend(walk: Walk, directory: PinnedDirectory, level: Level): Promise<void> {
  walk.signal.throwIfAborted();
  const entries = await readdir(directory.path, { withFileTypes: true });
  walk.walked += entries.length;
  if (walk.walked > MAX_WALKED_ENTRIES) throw tooMany(level.prefix, "entries on the way", MAX_WALKED_ENTRIES);
  for (const entry of entries) {
    if (walk.ignore.has(entry.name)) continue;
    const { matches, next } = walk.glob.step(level.state, entry.name);
    const place = level.prefix + entry.name;
    if (matches && entry.isFile() && walk.found.push(place) > MAX_GLOB_RESULTS) {
      throw tooMany(place, "matching files", MAX_GLOB_RESULTS);
    }
    if (next.length === 0 || !entry.isDirectory()) continue;
    if (level.depth >= MAX_WALK_DEPTH) throw tooMany(place, "nested directories", MAX_WALK_DEPTH);
    await using child = await openSubdirectory(directory, entry.name);
    await descend(walk, child, { state: next, depth: level.depth + 1, prefix: `${place}/` });
  }
}

/** From the root; with an empty name the directory itself, ready to be a prefix. */
function relativePath(directory: PinnedDirectory, name: string): string {
  const relative = slashed(path.relative(directory.root, directory.realPath));
  return relative === "" ? name : `${relative}/${name}`;
}

function kindOf(entry: Dirent): z.infer<typeof kind> {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}

/** A file that vanished after it was listed has no size left. */
async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** By code unit, so that the order does not depend on the machine's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tooMany(place: string, what: string, limit: number): ToolFailure {
  return new ToolFailure("resource-exhausted", `${place}: more than ${limit} ${what}`, { code: "too-many-entries" });
}
