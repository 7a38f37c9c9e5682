// The wall around the directory that a user named: every path of the fs, shell, git, json and csv tools passes here.
//
// P1. What a path leads to is decided after all symbolic links: a link may point anywhere inside, nowhere outside.
// P2. The directory that was checked is the one that is used: it is held open, and on Linux reached through its
//     descriptor (`/proc/self/fd/N`), so that renaming or swapping it for a link in between changes nothing.
// P3. The last component is opened without following a link: the check has resolved the links that were there.
// P4. Elsewhere than on Linux, P2 rests on the checked path: somebody swapping directories at that moment could win.

import { constants } from "node:fs";
import { lstat, mkdir, open, readlink, realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { categorize } from "../categorize.ts";
import { ToolFailure } from "../define.ts";

const MAX_PATH_CHARS = 4096;

/** A path argument: relative to the root, or absolute and inside it. */
export const pathArgument = z
  .string()
  .min(1)
  .max(MAX_PATH_CHARS)
  .refine((text) => !text.includes("\0"), { error: "a path has no NUL character" });

export interface PinnedDirectory extends AsyncDisposable {
  /** Reaches this very directory for as long as it is held; not for people. */
  readonly path: string;
  /** Where it was, link-free, when it was checked. */
  readonly realPath: string;
  /** The root, link-free. */
  readonly root: string;
}

/** A directory inside the root, held open. Fails with `outside-root` (permission), not-found, validation. */
export async function openDirectory(root: string, name: string): Promise<PinnedDirectory> {
  const place = await locate(root, name);
  return withPath(name, () => pin(place.root, place.target));
}

/** A subdirectory of one that is held; a link in its place is refused. */
export async function openSubdirectory(parent: PinnedDirectory, name: string): Promise<PinnedDirectory> {
  return withPath(name, () => pin(parent.root, path.join(parent.path, name)));
}

export interface PinnedFile extends AsyncDisposable {
  readonly directory: PinnedDirectory;
  readonly name: string;
  /** Relative to the root, with `/`. */
  readonly relative: string;
}

/** The directory of a file that may not exist yet. With `parents`, missing directories are made. */
export async function openParent(root: string, name: string, parents = false): Promise<PinnedFile> {
  const place = await locate(root, name);
  if (place.target === place.root) throw new ToolFailure("validation", `${name}: is the root directory`);
  return withPath(name, async () => {
    const parent = path.dirname(place.target);
    if (parents) await mkdir(parent, { recursive: true });
    const directory = await pin(place.root, parent);
    return {
      directory,
      name: path.basename(place.target),
      relative: slashed(path.relative(place.root, place.target)),
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  });
}

/** A regular file inside the root, open for reading; devices, pipes and directories are refused. */
export async function openFile(root: string, name: string): Promise<FileHandle> {
  await using file = await openParent(root, name);
  return await withPath(name, async () => {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path.join(file.directory.path, file.name), flags);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new ToolFailure("validation", `${name}: is not a regular file`, { code: "not-a-file" });
  });
}

/** Runs file operations and names the path as the plan wrote it where the system would name a descriptor. */
export async function withPath<T>(name: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ToolFailure || !("syscall" in error)) throw error;
    const reason = error.message.split(",", 1)[0] ?? error.message;
    throw new ToolFailure(categorize(error).category, `${name}: ${reason}`);
  }
}

export function slashed(relative: string): string {
  return path.sep === "/" ? relative : relative.split(path.sep).join("/");
}

interface Place {
  readonly root: string;
  readonly target: string;
}

async function locate(root: string, name: string): Promise<Place> {
  const top = await withPath("the root", () => realpath(root));
  const wanted = path.isAbsolute(name) && isInside(path.resolve(root), path.resolve(name));
  const lexical = path.resolve(top, wanted ? path.relative(path.resolve(root), name) : name);
  if (!isInside(top, lexical)) throw outside(name);
  const target = await withPath(name, () => resolveLinks(lexical, name));
  if (!isInside(top, target)) throw outside(name);
  return { root: top, target };
}

/** realpath of the nearest existing ancestor, followed by what does not exist yet. */
async function resolveLinks(lexical: string, name: string): Promise<string> {
  const missing: string[] = [];
  for (let current = lexical; ; current = path.dirname(current)) {
    const real = await realpath(current).catch(onlyWhenMissing);
    if (real !== undefined) return path.join(real, ...missing);
    const entry = await lstat(current).catch(onlyWhenMissing);
    if (entry?.isSymbolicLink() === true) throw new ToolFailure("not-found", `${name}: the link leads nowhere`);
    missing.unshift(path.basename(current));
  }
}

function onlyWhenMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

async function pin(root: string, directory: string): Promise<PinnedDirectory> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const reached = await whereIs(handle, directory);
    if (!isInside(root, reached.realPath)) throw outside(directory);
    return { ...reached, root, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function whereIs(handle: FileHandle, directory: string): Promise<{ path: string; realPath: string }> {
  if (process.platform === "linux") {
    const descriptor = `/proc/self/fd/${handle.fd}`;
    const realPath = await readlink(descriptor).catch(onlyWhenMissing);
    if (realPath !== undefined) return { path: descriptor, realPath };
  }
  return { path: directory, realPath: await realpath(directory) };
}

function isInside(root: string, target: string): boolean {
  const relative = path.relative(root, target);
  return relative === "" || (relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

function outside(name: string): ToolFailure {
  return new ToolFailure("permission", `${name}: leads outside the root`, { code: "outside-root" });
}
