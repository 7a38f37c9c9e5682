import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// A tree of as many files as are asked for: this repository with its installed packages as packages of its own, as often as it takes.
// So contents, sizes, manifests and imports are real ones, and none is made up.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Of a program that a package ships: no codebase has one. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Committed, so that git lists it and has a history. */
export async function writeRealisticTree(directory: string, count: number): Promise<void> {
  const originals = [...(await filesIn(ROOT, "")), ...(await filesIn(path.join(ROOT, "node_modules"), "packages"))];
  const made = new Set<string>();
  for (let at = 0; at < count; at++) {
    const { from, to } = originals[at % originals.length] ?? { from: "", to: "" };
    const file = path.join(directory, `copy-${Math.floor(at / originals.length)}`, to);
    const folder = path.dirname(file);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    copyFileSync(from, file);
  }
  commitAll(directory);
}

export function commitAll(directory: string): void {
  const git = (...args: readonly string[]): void => {
    const settings = ["core.compression=0", "gc.auto=0", "user.name=bench", "user.email=bench@localhost"];
    execFileSync("git", [...settings.flatMap((one) => ["-c", one]), ...args], { cwd: directory, stdio: "ignore" });
  };
  git("init", "--quiet");
  git("add", "--all", "--force");
  git("commit", "--quiet", "--message", "as it is");
}

interface Original {
  readonly from: string;
  readonly to: string;
}

async function filesIn(root: string, under: string): Promise<readonly Original[]> {
  const { signal } = new AbortController();
  const roots = { fs: root, allowPrivateNetwork: false };
  const { files } = await filesOf({ clock: systemClock, signal, roots }, ".");
  return files
    .filter(({ kind, bytes, path: name }) => kind === "file" && bytes <= MAX_FILE_BYTES && !name.endsWith(".gitignore"))
    .map(({ path: name }) => ({
      from: path.join(root, name),
      to: path.join(under, name.replaceAll("node_modules/", "packages/")),
    }));
}
