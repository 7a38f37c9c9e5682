import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { link, mkdir, open, readdir, readFile, readlink, rmdir, symlink, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { flushDirectory } from "#src/tools/builtin/file-replace.ts";

// The operations of the file system that changing a tree is made of, each of them one that a crash comes before or after. Tests
// stop the world at any of them; all else goes by `systemDisk`.
//
// D1. Nothing here follows a link at the end of a path.
// D2. What `create` has made is on the disk when it resolves; names are when their directory was flushed.
// D3. What takes microseconds is done at once, as the way to another thread and back takes longer: names, and small files. What waits for
//     the disk does not hold the loop.

interface DiskEntry {
  readonly kind: "file" | "link" | "directory" | "other";
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Changes whenever somebody writes the entry or puts another in its place. */
  readonly stamp: string;
}

export interface Disk {
  /** Undefined where there is nothing, or a file in the place of one of its directories. */
  entry(path: string): Promise<DiskEntry | undefined>;
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Buffer>;
  readLink(path: string): Promise<Buffer>;
  /** Git's object id of the bytes as they are. */
  objectId(path: string, format: ObjectFormat): Promise<string>;
  /** Fails where there is something. Without a mode it has what the process gives new files. */
  create(path: string, bytes: Buffer, mode?: number): Promise<void>;
  createLink(path: string, target: Buffer): Promise<void>;
  /** Another name of a file; fails where there is something of that name. */
  addName(path: string, name: string): Promise<void>;
  makeDirectory(path: string, mode?: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  flush(directory: string): Promise<void>;
}

export type ObjectFormat = "sha1" | "sha256";

const PERMISSION_BITS = 0o7777;
const CHUNK_BYTES = 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
const DEFAULT_MODE = 0o666;
const READING = { flag: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK };
const flushed = promisify(fsync);

export const systemDisk: Disk = {
  async entry(path) {
    const found = statusOf(path);
    if (found === undefined) return undefined;
    const { mode, size, dev, ino, mtimeNs, ctimeNs } = found;
    return {
      kind: found.isFile() ? "file" : found.isSymbolicLink() ? "link" : found.isDirectory() ? "directory" : "other",
      mode: Number(mode) & PERMISSION_BITS,
      size: Number(size),
      stamp: [dev, ino, size, mtimeNs, ctimeNs].join(":"),
    };
  },
  list: (path) => readdir(path),
  read: (path) => readFile(path),
  readLink: (path) => readlink(path, "buffer"),
  async objectId(path, format) {
    const known = statusOf(path);
    if (known?.isFile() === true && known.size <= SMALL_BYTES) return objectIdOf(readFileSync(path, READING), format);
    await using handle = await open(path, READING.flag);
    const { size } = await handle.stat();
    const hash = createHash(format).update(`blob ${size}\0`);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
    for (;;) {
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  },
  async create(path, bytes, mode) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    if (bytes.length <= SMALL_BYTES) return createSmall(openSync(path, flags, DEFAULT_MODE), bytes, mode);
    await using handle = await open(path, flags, DEFAULT_MODE);
    await handle.writeFile(bytes);
    // Given after the bytes: writing takes some of the bits away.
    if (mode !== undefined) await handle.chmod(mode);
    await handle.sync();
  },
  createLink: (path, target) => symlink(target, path),
  addName: (path, name) => link(path, name),
  async makeDirectory(path, mode) {
    await mkdir(path);
    if (mode === undefined) return;
    await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    await handle.chmod(mode);
  },
  async rename(from, to) {
    renameSync(from, to);
  },
  unlink: (path) => unlink(path),
  removeDirectory: (path) => rmdir(path),
  flush: (directory) => flushDirectory(directory),
};

function statusOf(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    onlyWhenMissing(error);
    return undefined;
  }
}

async function createSmall(descriptor: number, bytes: Buffer, mode: number | undefined): Promise<void> {
  try {
    writeFileSync(descriptor, bytes);
    if (mode !== undefined) fchmodSync(descriptor, mode);
    await flushed(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Git's object id of these bytes as a blob. */
export function objectIdOf(bytes: Buffer, format: ObjectFormat): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

const MISSING = new Set(["ENOENT", "ENOTDIR"]);

/** For what need not be there. */
export function onlyWhenMissing(error: unknown): undefined {
  if (isSystemError(error, MISSING)) return undefined;
  throw error;
}

export function isSystemError(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.has(error.code);
}
