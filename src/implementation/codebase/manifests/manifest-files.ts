// The manifests and lockfiles among the files of a codebase, read by the parser of each kind.
//
// M1. One that cannot be read is said with its reason, and the others are read all the same.
// M2. Parsers are loaded when the first file of their kind is there.

import { z } from "zod";
import { directoryOf, nameOf } from "../code-path.ts";
import type { CodeFile } from "../listing/entries.ts";
import { reasonOf, type NoteBook } from "../listing/notes.ts";
import { lockParserOf, type LockParser } from "./lock-files.ts";
import type { Lock } from "./locks/lock.ts";
import type { Manifest } from "./manifest.ts";

const MAX_MANIFESTS = 10_000;
const MAX_LOCKS = 200;
const MAX_MANIFEST_BYTES = 1024 * 1024;

type Parser = (path: string, text: string) => Manifest;

export interface ReadLock {
  readonly path: string;
  readonly lock: Lock;
}

export interface ManifestFiles {
  readonly manifests: readonly Manifest[];
  readonly locks: readonly ReadLock[];
}

export interface ManifestReading {
  /** Throws for what cannot be read, and for what is larger. */
  readonly textOf: (path: string, maxBytes: number) => string;
  readonly notes: NoteBook;
  readonly signal: AbortSignal;
}

export async function manifestFilesOf(files: readonly CodeFile[], reading: ManifestReading): Promise<ManifestFiles> {
  const manifests: Manifest[] = [];
  const locks: ReadLock[] = [];
  for (const file of files) {
    if (file.kind !== "file") continue;
    reading.signal.throwIfAborted();
    const parser = manifestOf(file.path);
    const lockParser = parser === undefined ? lockParserOf(file.path) : undefined;
    if (parser !== undefined && manifests.length < MAX_MANIFESTS) {
      const read = await readOne(file, MAX_MANIFEST_BYTES, { ...reading, parse: parser.load });
      if (read !== undefined) manifests.push(read);
    }
    if (lockParser !== undefined && locks.length < MAX_LOCKS) {
      const lock = await readOne(file, lockParser.maxBytes, { ...reading, parse: asParser(lockParser) });
      if (lock !== undefined) locks.push({ path: file.path, lock });
    }
  }
  return { manifests: await withPnpmWorkspaces(manifests, files, reading), locks };
}

/** pnpm says the members of a workspace in a file of its own, beside the package.json of its root. */
async function withPnpmWorkspaces(
  manifests: readonly Manifest[],
  files: readonly CodeFile[],
  reading: ManifestReading,
): Promise<readonly Manifest[]> {
  const patterns = new Map<string, readonly string[]>();
  for (const file of files.filter(({ path, kind }) => kind === "file" && nameOf(path) === PNPM_WORKSPACE)) {
    const parse = async (): Promise<(path: string, text: string) => readonly string[]> => {
      const { pnpmWorkspacePatterns } = await import("./node-manifest.ts");
      return (_path, text) => pnpmWorkspacePatterns(text);
    };
    patterns.set(directoryOf(file.path), (await readOne(file, MAX_MANIFEST_BYTES, { ...reading, parse })) ?? []);
  }
  if (patterns.size === 0) return manifests;
  return manifests.map((one) => {
    const more = nameOf(one.path) === "package.json" ? patterns.get(directoryOf(one.path)) : undefined;
    return more === undefined ? one : { ...one, workspace: [...one.workspace, ...more] };
  });
}

const PNPM_WORKSPACE = "pnpm-workspace.yaml";

/** Named by what a file is called; requirements.txt has many names. */
const MANIFESTS: readonly { readonly name: RegExp; readonly load: () => Promise<Parser> }[] = [
  { name: /^package\.json$/u, load: async () => (await import("./node-manifest.ts")).nodeManifest },
  { name: /^pyproject\.toml$/u, load: async () => (await import("./python-manifest.ts")).pyprojectManifest },
  {
    name: /^requirements(?:[-_.][\w.-]+)?\.txt$/u,
    load: async () => (await import("./python-manifest.ts")).requirementsManifest,
  },
  { name: /^Cargo\.toml$/u, load: async () => (await import("./cargo-manifest.ts")).cargoManifest },
  { name: /^go\.mod$/u, load: async () => (await import("./go-manifest.ts")).goManifest },
];

function manifestOf(path: string): (typeof MANIFESTS)[number] | undefined {
  return MANIFESTS.find(({ name }) => name.test(nameOf(path)));
}

/** By its name. */
export function isManifest(path: string): boolean {
  return manifestOf(path) !== undefined;
}

function asParser(parser: LockParser): () => Promise<(path: string, text: string) => Lock> {
  return async () => {
    const parse = await parser.load();
    return (_path, text) => parse(text);
  };
}

interface ReadingOne<T> extends ManifestReading {
  readonly parse: () => Promise<(path: string, text: string) => T>;
}

async function readOne<T>(file: CodeFile, maxBytes: number, reading: ReadingOne<T>): Promise<T | undefined> {
  try {
    const parse = await reading.parse();
    return parse(file.path, reading.textOf(file.path, maxBytes).replace(/^\uFEFF/u, ""));
  } catch (error) {
    reading.notes.add(
      "unreadable-manifest",
      file.path,
      shortened(error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)),
    );
    return undefined;
  }
}

const MAX_REASON_CHARS = 300;

function shortened(reason: string): string {
  const line = reason.replaceAll(/\s+/gu, " ").trim();
  return line.length <= MAX_REASON_CHARS ? line : `${line.slice(0, MAX_REASON_CHARS)}…`;
}
