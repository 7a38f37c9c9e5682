import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Call } from "./trace.ts";

// A disk that forgets what was not synced. It follows the calls of a trace, and says at any moment what may be left of a
// folder when the power goes: POSIX promises no more.
//
// D1. Bytes are surely there when an fsync of their file began after their write had ended; a name, after one of its folder.
// D2. Of everything else any part may be there, in any order, torn at sectors of 512 bytes. Bytes beside a write stay as they
//     were (what SQLite calls a power-safe overwrite).

interface FileNode {
  readonly kind: "file";
  /** What is surely there. */
  readonly synced: FileBytes;
  /** What may be there. */
  pending: Change[];
  /** Bytes as processes see it. */
  size: number;
}

interface FolderNode {
  readonly kind: "folder";
}

type Node = FileNode | FolderNode;

/** Bytes of a file, with room to grow. */
class FileBytes {
  private buffer: Buffer;
  private size: number;

  constructor(content = Buffer.alloc(0)) {
    this.buffer = content;
    this.size = content.length;
  }

  get content(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  copy(): FileBytes {
    return new FileBytes(Buffer.from(this.content));
  }

  apply(change: Change): void {
    this.resize("size" in change ? change.size : Math.max(this.size, change.offset + change.bytes.length));
    if ("bytes" in change) change.bytes.copy(this.buffer, change.offset);
  }

  private resize(size: number): void {
    if (size > this.buffer.length) {
      const grown = Buffer.alloc(size * 2);
      this.content.copy(grown);
      this.buffer = grown;
    }
    // What is behind the end reads as zeros when the file grows again.
    if (size < this.size) this.buffer.fill(0, size, this.size);
    this.size = size;
  }
}

type Change = { readonly at: number } & (
  { readonly offset: number; readonly bytes: Buffer } | { readonly size: number }
);

interface NameChange {
  readonly at: number;
  readonly name: string;
  /** Undefined: the name is gone. */
  readonly node: Node | undefined;
}

interface Handle {
  offset: number;
  readonly appends: boolean;
}

/** How much of what may be there is: nothing, all, the first part, or any part. */
const FATES = ["none", "all", "first", "any", "any"] as const;
type Fate = (typeof FATES)[number];

const SECTOR_BYTES = 512;
/** When something happened that was over before the process began. */
const BEFORE = -1;

export interface DiskOptions {
  /** The folder that is followed; nothing else is. */
  readonly folder: string;
  /** Whether the sync of a file or folder does nothing: a planted bug. */
  readonly forgetsSync?: (name: string) => boolean;
}

export class ForgettingDisk {
  private readonly options: DiskOptions;
  private readonly names = new Map<string, Node>();
  private readonly syncedNames = new Map<string, Node>();
  private pendingNames: NameChange[] = [];
  private readonly handles = new Map<string, Handle>();

  constructor(options: DiskOptions) {
    this.options = options;
  }

  /**
   * Another process begins. All that the one before asked for is over (lines of a trace are counted from one again), and what
   * the files really hold is seen: a call that was cut off by the kill may have worked, and stands in no trace.
   */
  nextProcess(files: ReadonlyMap<string, Buffer>): void {
    this.handles.clear();
    for (const node of this.names.values()) {
      if (node.kind === "file") node.pending = node.pending.map((change) => ({ ...change, at: BEFORE }));
    }
    this.pendingNames = this.pendingNames.map((change) => ({ ...change, at: BEFORE }));
    for (const [name, content] of files) this.find(name, content);
    for (const [name, node] of this.names) {
      if (node.kind === "file" && !files.has(name)) this.rename(name, undefined, BEFORE);
    }
  }

  private find(name: string, content: Buffer): void {
    let node = this.names.get(name);
    if (node === undefined) {
      node = { kind: "file", synced: new FileBytes(), pending: [], size: 0 };
      this.rename(name, node, BEFORE);
    }
    if (node.kind !== "file") throw new Error(`${name} was a folder`);
    const seen = node.synced.copy();
    for (const change of node.pending) seen.apply(change);
    if (seen.content.equals(content)) return;
    node.pending.push({ at: BEFORE, offset: 0, bytes: content }, { at: BEFORE, size: content.length });
    node.size = content.length;
  }

  follow(call: Call): void {
    FOLLOW[call.name]?.(this, call);
  }

  /** What may be left, written below `target`. */
  loseIn(target: string, random: SeededRandom): void {
    mkdirSync(target, { recursive: true });
    const names = this.namesAfter(random.pick(FATES), random);
    for (const [name, node] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!hasFolders(name, names, this.options.folder)) continue;
      const file = path.join(target, path.relative(this.options.folder, name));
      if (node.kind === "folder") mkdirSync(file, { recursive: true });
      else if (!name.endsWith(SHARED_MEMORY)) writeFileSync(file, bytesAfter(node, random.pick(FATES), random));
    }
  }

  open({ texts, args, result, ended }: Call): void {
    const [descriptor = ""] = result.split("<");
    const name = texts.at(-1) ?? "";
    if (!this.isInside(name)) return;
    const found = this.names.get(name);
    if (found === undefined && args.includes("O_CREAT")) {
      this.rename(name, { kind: "file", synced: new FileBytes(), pending: [], size: 0 }, ended);
    } else if (found?.kind === "file" && args.includes("O_TRUNC")) this.resize(name, 0, ended);
    this.handles.set(descriptor, { offset: 0, appends: args.includes("O_APPEND") });
  }

  write({ texts, args, result, ended }: Call): void {
    const [name = "", text = ""] = texts;
    const node = this.names.get(name);
    if (node?.kind !== "file") return;
    const bytes = Buffer.from(text, "latin1").subarray(0, Number(result));
    const offset = this.offsetOf(node, args, bytes.length);
    node.pending.push({ at: ended, offset, bytes });
    node.size = Math.max(node.size, offset + bytes.length);
  }

  resize(name: string, size: number, at: number): void {
    const node = this.names.get(name);
    if (node?.kind !== "file") return;
    node.pending.push({ at, size });
    node.size = size;
  }

  sync(name: string, begun: number): void {
    if (this.options.forgetsSync?.(name) === true) return;
    const node = this.names.get(name);
    if (node?.kind === "file") {
      for (const change of node.pending.filter(({ at }) => at < begun)) node.synced.apply(change);
      node.pending = node.pending.filter(({ at }) => at >= begun);
      return;
    }
    const isSynced = (change: NameChange): boolean => path.dirname(change.name) === name && change.at < begun;
    for (const change of this.pendingNames.filter(isSynced)) put(this.syncedNames, change);
    this.pendingNames = this.pendingNames.filter((change) => !isSynced(change));
  }

  move(from: string, to: string, at: number): void {
    const node = this.names.get(from);
    if (node === undefined) return;
    this.rename(to, node, at);
    this.rename(from, undefined, at);
  }

  /** Gives a name to something, or to nothing any more. */
  rename(name: string, node: Node | undefined, at: number): void {
    if (!this.isInside(name)) return;
    const change = { at, name, node };
    put(this.names, change);
    this.pendingNames.push(change);
  }

  seek(descriptor: string, offset: number): void {
    const handle = this.handles.get(descriptor);
    if (handle !== undefined) handle.offset = offset;
  }

  private offsetOf(node: FileNode, args: string, length: number): number {
    const [descriptor = "", , , offset] = args.split(", ").map((part) => part.replace("<>", ""));
    if (offset !== undefined) return Number(offset);
    const handle = this.handles.get(descriptor) ?? { offset: 0, appends: false };
    const at = handle.appends ? node.size : handle.offset;
    handle.offset = at + length;
    return at;
  }

  private isInside(name: string): boolean {
    return name === this.options.folder || name.startsWith(`${this.options.folder}/`);
  }

  private namesAfter(fate: Fate, random: SeededRandom): Map<string, Node> {
    const names = new Map(this.syncedNames);
    for (const change of kept(this.pendingNames, fate, random)) put(names, change);
    return names;
  }
}

const SHARED_MEMORY = "-shm";

/** The last path of a call that has the paths of folders before those of files. */
const FOLLOW: Readonly<Record<string, (disk: ForgettingDisk, call: Call) => void>> = {
  openat: (disk, call) => disk.open(call),
  open: (disk, call) => disk.open(call),
  write: (disk, call) => disk.write(call),
  pwrite64: (disk, call) => disk.write(call),
  lseek: (disk, { args, result }) => disk.seek(args.split("<")[0] ?? "", Number(result)),
  ftruncate: (disk, { texts, args, ended }) => disk.resize(texts[0] ?? "", Number(args.split(", ")[1]), ended),
  fsync: (disk, { texts, begun }) => disk.sync(texts[0] ?? "", begun),
  fdatasync: (disk, { texts, begun }) => disk.sync(texts[0] ?? "", begun),
  rename: (disk, { texts, ended }) => disk.move(texts[0] ?? "", texts[1] ?? "", ended),
  unlink: (disk, { texts, ended }) => disk.rename(texts[0] ?? "", undefined, ended),
  rmdir: (disk, { texts, ended }) => disk.rename(texts[0] ?? "", undefined, ended),
  mkdir: (disk, { texts, ended }) => disk.rename(texts[0] ?? "", { kind: "folder" }, ended),
};

/** Calls that change files in a way that the disk does not know. */
export function isUnknown({ name }: Call): boolean {
  return !(name in FOLLOW) && name !== "close";
}

function put(names: Map<string, Node>, { name, node }: NameChange): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function hasFolders(name: string, names: ReadonlyMap<string, Node>, folder: string): boolean {
  if (name === folder) return true;
  const above = path.dirname(name);
  return names.get(above)?.kind === "folder" && hasFolders(above, names, folder);
}

function bytesAfter({ synced, pending }: FileNode, fate: Fate, random: SeededRandom): Buffer {
  const left = synced.copy();
  const torn = fate === "any" ? pending.flatMap(sectorsOf) : pending;
  for (const change of kept(torn, fate, random)) left.apply(change);
  return left.content;
}

function kept<T>(changes: readonly T[], fate: Fate, random: SeededRandom): readonly T[] {
  if (fate === "none") return [];
  if (fate === "first") return changes.slice(0, random.int(0, changes.length));
  return fate === "all" ? changes : changes.filter(() => random.chance(0.5));
}

function sectorsOf(change: Change): Change[] {
  if (!("bytes" in change)) return [change];
  const { at, offset, bytes } = change;
  const pieces: Change[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
    pieces.push({ at, offset: offset + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return pieces;
}
