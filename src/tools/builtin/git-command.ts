// How git is started: always the same way, reading only, inside the root.
//
// G1. What comes from a plan (revisions, paths) stands behind `--end-of-options` and `--`: it can never be an option,
//     and paths are literal.
// G2. The repository is found inside the root or not at all; its git directory lies inside too, wherever `.git` points.
// G3. Programs that a repository's configuration names (pager, fsmonitor, hooks, external diff, text conversion) are
//     switched off. Clean filters are not (git has no switch): `git.status` and `git.diff` may run those that the
//     user's or the repository's own configuration installed.

import { realpath } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { textTail } from "../bounded-text.ts";
import { ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { childEnvironment, runProcess } from "./child-process.ts";
import { openDirectory, pathArgument } from "./root.ts";
import type { PinnedDirectory } from "./root.ts";

const MAX_GIT_OUTPUT_BYTES = 8 * 1024 * 1024;

const MAX_REVISION_CHARS = 300;
const MAX_PATHS = 1000;
const FAILURE_TAIL_BYTES = 1024;

/** One revision or a range: `main`, `v1..HEAD`, `HEAD~2`. */
export const revision = z
  .string()
  .max(MAX_REVISION_CHARS)
  .regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, { error: "a revision does not begin with - and has no space" });

export const repositoryRoot = pathArgument.default(".").describe("a directory of the repository, inside the root");
export const gitPaths = z.array(pathArgument).max(MAX_PATHS).default([]).describe("only these paths, taken literally");

const FIXED = [
  "--no-pager",
  "--no-optional-locks",
  "--literal-pathspecs",
  ...["core.quotePath=false", "core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false"].flatMap(
    (setting) => ["-c", setting],
  ),
];

/** The program's stdout. Fails with `not-a-repository`, `unknown-revision` (not-found), `outside-root`, `git-failed`. */
export type Git = (args: readonly string[], asked?: GitAsked) => Promise<string>;

interface GitAsked {
  /** Default: 8 MiB. */
  readonly maxBytes?: number;
  /** Gets all of its output piece by piece, however much that is; the answer is empty. What it throws ends git. */
  readonly heard?: (piece: Buffer) => void;
  /** Hears what git said on its standard error although it succeeded. */
  readonly warned?: (text: string) => void;
}

/** What of a tool's context git is started with. */
export type GitContext = Pick<ToolContext, "clock" | "roots" | "signal">;

export async function withRepository<T>(context: GitContext, root: string, use: (git: Git) => Promise<T>): Promise<T> {
  await using directory = await openDirectory(context.roots.fs, root);
  const git: Git = (args, asked) => runGit(context, directory, { ...asked, args });
  const places = (await git(["rev-parse", "--absolute-git-dir", "--git-common-dir"])).trimEnd().split("\n");
  for (const place of places) {
    const real = await realpath(path.resolve(directory.realPath, place));
    const relative = path.relative(directory.root, real);
    if (relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
      throw new ToolFailure("permission", `${root}: its git directory is outside the root`, { code: "outside-root" });
    }
  }
  return await use(git);
}

async function runGit(
  context: GitContext,
  directory: PinnedDirectory,
  asked: GitAsked & { readonly args: readonly string[] },
): Promise<string> {
  const { args, heard, maxBytes = heard === undefined ? MAX_GIT_OUTPUT_BYTES : Infinity, warned } = asked;
  const environment = {
    ...(context.roots.environment ?? childEnvironment(process.env)),
    LC_ALL: "C",
    GIT_CEILING_DIRECTORIES: path.dirname(directory.root),
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const request = { command: "git", cwd: directory.path, environment, maxStdoutBytes: maxBytes, heard };
  const result = await runProcess({ ...request, args: [...FIXED, ...args] }, context);
  if (result.exitCode === 0) {
    if (result.stderr !== "") warned?.(result.stderr);
    return result.stdout.toString();
  }
  throw failureOf(textTail(result.stderr.trim(), FAILURE_TAIL_BYTES));
}

function failureOf(stderr: string): ToolFailure {
  const known = KNOWN.find(({ says }) => says.test(stderr));
  return new ToolFailure(known?.category ?? "unknown", `git: ${stderr}`, { code: known?.code ?? "git-failed" });
}

/** Messages of git under LC_ALL=C; one that changes falls back to `git-failed`. */
const KNOWN = [
  { says: /not a git repository/, category: "not-found", code: "not-a-repository" },
  {
    says: /bad revision|unknown revision|ambiguous argument|bad object/,
    category: "not-found",
    code: "unknown-revision",
  },
  { says: /dubious ownership/, category: "permission", code: "unsafe-repository" },
] as const;
