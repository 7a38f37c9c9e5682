import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createHash } from "node:crypto";

// A repository of a user in these tests: a real one, with commits.
// Nothing of the configuration of whoever runs the tests is in it.

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

export function git(directory: string, ...args: readonly string[]): string {
  const done = spawnSync("git", args, { cwd: directory, env: ENVIRONMENT, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

export function put(directory: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
}

export function commitAll(directory: string, message = "a commit"): string {
  git(directory, "add", "--all");
  git(directory, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", message);
  return git(directory, "rev-parse", "HEAD").trim();
}

/** With a first commit of these files. */
export function repositoryIn(directory: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
  mkdirSync(directory, { recursive: true });
  git(directory, "init", "--quiet", "--initial-branch=main");
  put(directory, files);
  commitAll(directory, "first");
  return directory;
}

/** All that is in the working tree: kinds, permission bits, contents and targets; directories too. */
export function treeOf(directory: string, below = ""): readonly string[] {
  const names = readdirSync(path.join(directory, below)).sort();
  return names.flatMap((name): readonly string[] => {
    const relative = path.posix.join(below, name);
    if (relative === ".git") return [];
    const place = path.join(directory, relative);
    const entry = lstatSync(place);
    const mode = (entry.mode & 0o7777).toString(8);
    if (entry.isSymbolicLink()) return [`${relative} -> ${readlinkSync(place)}`];
    if (entry.isDirectory()) return [`${relative}/ ${mode}`, ...treeOf(directory, relative)];
    return [`${relative} ${mode} ${createHash("sha1").update(readFileSync(place)).digest("hex")}`];
  });
}

export function statusOf(directory: string): string {
  return git(directory, "status", "--porcelain=v1", "--untracked-files=all");
}
