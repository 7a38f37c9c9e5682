// What a codebase is in a few words: how much of which language, which manifests, which tests and what runs them. Of all its files only
// manifests are read, so that every assessment can say what it was made of.
//
// O1. At most MAX_READ manifests are read, those nearest to the top; all are counted.

import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { compare } from "./code-path.ts";
import { FileReader } from "./content/file-reader.ts";
import { Sizes } from "./content/sizes.ts";
import type { CodeFile } from "./listing/entries.ts";
import { noteBook } from "./listing/notes.ts";
import { isManifest, manifestFilesOf } from "./manifests/manifest-files.ts";
import type { CodebaseOutline } from "./outline-shape.ts";
import { TestFiles } from "./tests-found.ts";

const MAX_READ = 100;
const MAX_TOLD = 10;
/** Files looked at between two turns of the event loop: about 2 ms. */
const FILES_A_TURN = 2_000;

/** `root` is absolute, the files are those of its listing. Rejects with the signal's reason. */
export async function outlineOf(
  root: string,
  files: readonly CodeFile[],
  signal: AbortSignal,
): Promise<CodebaseOutline> {
  const sizes = new Sizes();
  const tests = new TestFiles();
  const own = files.filter(({ kind }) => kind === "file");
  for (const [at, file] of own.entries()) {
    if (at % FILES_A_TURN === FILES_A_TURN - 1) await loopTurn();
    signal.throwIfAborted();
    sizes.add(file, UNREAD);
    tests.add(file.path);
  }
  const manifests = own.filter(({ path }) => isManifest(path)).sort((a, b) => nearer(a.path, b.path));
  const reader = new FileReader(root);
  const textOf = (path: string, maxBytes: number): string => reader.text(path, maxBytes);
  const read = await manifestFilesOf(manifests.slice(0, MAX_READ), { textOf, notes: noteBook(), signal });
  const found = tests.found(read.manifests);
  const { files: all, bytes } = sizes.totals();
  return {
    ...{ files: all, bytes },
    languages: sizes
      .languages()
      .slice(0, MAX_TOLD)
      .map(({ lines: _, ...size }) => size),
    manifests: { count: manifests.length, first: manifests.slice(0, MAX_TOLD).map(({ path }) => path) },
    tests: {
      files: found.files,
      runners: found.runners
        .slice(0, MAX_TOLD)
        .map(({ runner, directory, command }) => ({ runner, directory, command: [...command] })),
    },
  };
}

const UNREAD = { lines: 0 };

function nearer(a: string, b: string): number {
  return a.split("/").length - b.split("/").length || compare(a, b);
}
