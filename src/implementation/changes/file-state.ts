import path from "node:path";
import { objectIdOf, onlyWhenMissing, type Disk, type ObjectFormat } from "./disk.ts";
import type { FileState } from "./change-record.ts";
import { inParallel } from "./parallel.ts";

// What lies at paths of a tree, as states that can be compared with recorded ones.
//
// S1. A path behind a link is not one of the tree: what lies there counts as foreign.
// S2. A directory in the place of a file counts as nothing where it holds only files that go away in the same move, and a file in the
//     place of a directory where it goes away itself: that is how one becomes the other.

/** Something that no recorded state describes. */
export interface Foreign {
  readonly kind: "foreign";
  /** In words: `a directory`. */
  readonly what: string;
}

export interface Seen {
  readonly found: FileState | Foreign;
  /** That nobody has touched it since is seen by it. */
  readonly stamp: string | undefined;
}

export interface Tree {
  readonly top: string;
  readonly format: ObjectFormat;
  readonly disk: Disk;
}

interface Wanted {
  readonly path: string;
  /** Whether there is nothing at the path after the move, or before it. */
  readonly from: FileState;
  readonly to: FileState;
}

const NONE: FileState = { kind: "none" };

/** By path. */
export async function lookAt(tree: Tree, files: readonly Wanted[]): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>();
  const moving = new Map(files.map((file) => [file.path, file]));
  const above = new Ancestors(tree, moving);
  await inParallel(files, async (file) => {
    const blocked = await above.blocking(file.path);
    seen.set(file.path, blocked ?? (await stateAt(tree, file.path, moving)));
  });
  return seen;
}

export function isSameState(left: FileState | Foreign, right: FileState): boolean {
  if (left.kind === "foreign" || left.kind !== right.kind) return false;
  if (left.kind === "none" || right.kind === "none") return true;
  if (left.oid !== right.oid) return false;
  return left.kind === "link" || right.kind === "link" || left.mode === right.mode;
}

/** For people and details of failures: `100644 <hash>`, `nothing`, `link <hash>`. */
export function stateText(state: FileState | Foreign): string {
  switch (state.kind) {
    case "none":
      return "nothing";
    case "file":
      return `${state.mode.toString(8).padStart(4, "0")} ${state.oid}`;
    case "link":
      return `link ${state.oid}`;
    case "foreign":
      return state.what;
  }
}

async function stateAt(tree: Tree, file: string, moving: ReadonlyMap<string, Wanted>): Promise<Seen> {
  const { disk, top, format } = tree;
  const place = path.join(top, file);
  const entry = await disk.entry(place);
  const stamp = entry?.stamp;
  switch (entry?.kind) {
    case undefined:
      return { found: NONE, stamp };
    case "file":
      return { found: { kind: "file", mode: entry.mode, oid: await disk.objectId(place, format) }, stamp };
    case "link":
      return { found: { kind: "link", oid: objectIdOf(await disk.readLink(place), format) }, stamp };
    case "directory": {
      const goes = await onlyHolds(tree, file, moving);
      return { found: goes ? NONE : { kind: "foreign", what: "a directory" }, stamp: undefined };
    }
    case "other":
      return { found: { kind: "foreign", what: "neither a file nor a link" }, stamp };
  }
}

/** S2: one that nothing of the move is in is somebody's, even where it is empty. */
async function onlyHolds(tree: Tree, directory: string, moving: ReadonlyMap<string, Wanted>): Promise<boolean> {
  const within = [...moving.keys()].some((file) => file.startsWith(`${directory}/`) && isVacated(moving.get(file)));
  if (!within) return false;
  for (const name of await tree.disk.list(path.join(tree.top, directory))) {
    const inner = `${directory}/${name}`;
    if (isVacated(moving.get(inner))) continue;
    const entry = await tree.disk.entry(path.join(tree.top, inner));
    if (entry?.kind !== "directory" || !(await onlyHolds(tree, inner, moving))) return false;
  }
  return true;
}

/** One side of the move has nothing there. */
function isVacated(file: Wanted | undefined): boolean {
  return file !== undefined && (file.from.kind === "none" || file.to.kind === "none");
}

/** Looks at each directory above the files once. S1. */
class Ancestors {
  readonly #tree: Tree;
  readonly #moving: ReadonlyMap<string, Wanted>;
  readonly #known = new Map<string, Promise<Seen | undefined>>();

  constructor(tree: Tree, moving: ReadonlyMap<string, Wanted>) {
    this.#tree = tree;
    this.#moving = moving;
  }

  /** What is in the way of the path, where something is. */
  blocking(file: string): Promise<Seen | undefined> {
    const directory = path.posix.dirname(file);
    if (directory === ".") return Promise.resolve(undefined);
    const known = this.#known.get(directory) ?? this.#look(directory);
    this.#known.set(directory, known);
    return known;
  }

  async #look(directory: string): Promise<Seen | undefined> {
    const above = await this.blocking(directory);
    if (above !== undefined) return above;
    const entry = await this.#tree.disk.entry(path.join(this.#tree.top, directory)).catch(onlyWhenMissing);
    if (entry === undefined || entry.kind === "directory") return undefined;
    if (isVacated(this.#moving.get(directory))) return { found: NONE, stamp: undefined };
    return { found: { kind: "foreign", what: `${directory} is a ${entry.kind}` }, stamp: undefined };
  }
}
