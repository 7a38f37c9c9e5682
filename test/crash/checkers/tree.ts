import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

/** What is at each path of a tree: `directory 755`, `0644 HASH`, `link HASH`, by git's hash of the bytes as they lie there. */
export type Tree = ReadonlyMap<string, string>;

/** All below a directory, but for what belongs to git itself. */
export function treeIn(top: string): Tree {
  return new Map(entriesBelow(top, ""));
}

function entriesBelow(top: string, below: string): readonly (readonly [string, string])[] {
  const names = readdirSync(path.join(top, below)).sort();
  return names.flatMap((name) => {
    const relative = path.posix.join(below, name);
    return relative === ".git" ? [] : entriesAt(top, relative);
  });
}

function entriesAt(top: string, name: string): readonly (readonly [string, string])[] {
  const place = path.join(top, name);
  const entry = lstatSync(place);
  const mode = (entry.mode & 0o7777).toString(8);
  if (entry.isSymbolicLink()) return [[name, `link ${hashOf(readlinkSync(place, "buffer"))}`]];
  if (entry.isDirectory()) return [[name, `directory ${mode}`], ...entriesBelow(top, name)];
  return [[name, `${mode.padStart(4, "0")} ${hashOf(readFileSync(place))}`]];
}

function hashOf(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Paths at which two trees differ. */
export function differing(one: Tree, other: Tree): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name)).sort();
}
