import { realpath } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "#src/ports/clock.ts";
import { textTail } from "#src/tools/bounded-text.ts";
import { childEnvironment, runProcess } from "#src/tools/builtin/child-process.ts";
import { openDirectory } from "#src/tools/builtin/root.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import { systemDisk, type Disk, type ObjectFormat } from "./disk.ts";

// The user's repository as changes are made to it: where it is, and git started always in the same way, writing only what is said here.
//
// G1. It is inside the root with its git directories, and the directory that is named is the top of its working tree.
// G2. Hooks, signing, editors, background upkeep and what asks on a terminal are switched off; filters of the user's
//     configuration are not, since what lies in the tree has passed them.
// G3. What git was told to keep is on the disk when it has ended.
// G4. A name that is not UTF-8 is refused: it could not be told back.

/** What the tools of changes reach the outside by; tests stop it at any operation. */
export interface Reach {
  readonly disk: Disk;
  readonly run: typeof runProcess;
}

export const SYSTEM_REACH: Reach = { disk: systemDisk, run: runProcess };

interface GitOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  /** Another index than the repository's. */
  readonly index?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether paths are patterns: one command knows no others. */
  readonly patterns?: boolean;
  /** Exit codes that are answers. */
  readonly accepts?: readonly number[];
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Repository {
  /** Top of the working tree, without links. */
  readonly top: string;
  /** With the index and HEAD of this working tree. */
  readonly gitDir: string;
  /** Where all that these tools keep is. */
  readonly place: string;
  readonly format: ObjectFormat;
  readonly disk: Disk;
  readonly run: Reach["run"];
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  readonly git: (args: readonly string[], options?: GitOptions) => Promise<GitAnswer>;
  /** The same, which nobody can interrupt: for what has to come to its end once it has begun. */
  readonly uninterrupted: Repository;
}

const MAX_GIT_OUTPUT_BYTES = 1024 * 1024 * 1024;
const FAILURE_TAIL_BYTES = 1024;

const FIXED = [
  "--no-pager",
  "--no-optional-locks",
  ...[
    ...["core.quotePath=false", "core.fsmonitor=false", "core.hooksPath=/dev/null", "gc.auto=0"],
    ...["maintenance.auto=false", "core.fsync=all", "core.fsyncMethod=batch", "advice.detachedHead=false"],
    ...["merge.renames=false", "merge.directoryRenames=false", "core.splitIndex=false", "index.sparse=false"],
  ].flatMap((setting) => ["-c", setting]),
];

/** Fails with `not-a-repository`, `outside-root`. */
export async function openRepository(
  reach: Reach = SYSTEM_REACH,
  ...[context, name]: readonly [ToolContext, string]
): Promise<Repository> {
  await using directory = await openDirectory(context.roots.fs, name);
  const { realPath: top, root } = directory;
  const environment = {
    ...(context.roots.environment ?? childEnvironment(process.env)),
    LC_ALL: "C",
    GIT_CEILING_DIRECTORIES: path.dirname(root),
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const around = { ...reach, clock: context.clock, environment };
  const ask = (args: readonly string[]) => started({ ...around, signal: context.signal }, top, args);
  const asked = ["rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-object-format", "--show-toplevel"];
  const { stdout } = await ask(asked);
  const [gitDir = "", common = "", format = "", workTree = ""] = stdout.toString().trimEnd().split("\n");
  if ((await realpath(workTree)) !== top) {
    throw failed("not-found", "not-a-repository", `${name}: is inside of a repository; name its top, ${workTree}`);
  }
  const commonDir = await insideRoot(root, path.resolve(top, common), name);
  const place = path.join(commonDir, "planwright");
  const fixed = {
    ...{ ...around, top, gitDir: await insideRoot(root, gitDir, name), place },
    format: format === "sha256" ? ("sha256" as const) : ("sha1" as const),
  };
  const never = new AbortController().signal;
  const whole = {
    ...fixed,
    git: (args: readonly string[], options?: GitOptions) => started({ ...around, signal: never }, top, args, options),
    get uninterrupted(): Repository {
      return whole;
    },
  };
  return {
    ...fixed,
    git: (args, options) => started({ ...around, signal: context.signal }, top, args, options),
    uninterrupted: whole,
  };
}

/** Of an answer that is one line. */
export function lineOf({ stdout }: GitAnswer): string {
  return stdout.toString().trimEnd();
}

/** Of an answer whose parts end with NUL. G4. */
export function partsOf({ stdout }: GitAnswer): readonly string[] {
  const text = stdout.toString();
  if (text.includes("\uFFFD") && !Buffer.from(text).equals(stdout)) {
    throw failed("validation", "name-not-utf8", "the repository has file names that are not UTF-8: rename them");
  }
  return text === "" ? [] : text.replace(/\0$/u, "").split("\0");
}

async function insideRoot(root: string, place: string, name: string): Promise<string> {
  const real = await realpath(place);
  const relative = path.relative(root, real);
  if (relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)) return real;
  throw failed("permission", "outside-root", `${name}: its git directory is outside the root`);
}

interface Starting {
  readonly run: Reach["run"];
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function started(
  { run, environment, ...owner }: Starting,
  ...[top, args, options = {}]: readonly [string, readonly string[], GitOptions?]
): Promise<GitAnswer> {
  const { stdin, cwd = top, index, patterns = false, accepts = [0] } = options;
  const added = { ...options.environment, ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) };
  const request = { command: "git", cwd, stdin, environment: { ...environment, ...added } };
  const all = [...(patterns ? [] : ["--literal-pathspecs"]), ...FIXED, ...args];
  const { exitCode, stdout, stderr } = await run(
    { ...request, args: all, maxStdoutBytes: MAX_GIT_OUTPUT_BYTES },
    owner,
  );
  if (exitCode !== null && accepts.includes(exitCode)) return { exitCode, stdout, stderr };
  throw failureOf(args[0] ?? "", textTail(stderr.trim(), FAILURE_TAIL_BYTES));
}

function failureOf(command: string, stderr: string): ToolFailure {
  const known = KNOWN.find(({ says }) => says.test(stderr));
  const next = known !== undefined && "next" in known ? `; ${known.next}` : "";
  return failed(known?.category ?? "unknown", known?.code ?? "git-failed", `git ${command}: ${stderr}${next}`);
}

/** Messages of git under LC_ALL=C; one that changes falls back to `git-failed`. */
const KNOWN = [
  {
    says: /not a git repository|must be run in a work tree/u,
    category: "not-found",
    code: "not-a-repository",
    next: "`git init` makes one, and a first commit has to be there",
  },
  { says: /dubious ownership/u, category: "permission", code: "unsafe-repository" },
  { says: /No space left on device/u, category: "resource-exhausted", code: "disk-full" },
  { says: /Disk quota exceeded/u, category: "quota", code: "disk-full" },
] as const;

function failed(category: ToolFailure["category"], code: string, message: string): ToolFailure {
  return new ToolFailure(category, message, { code });
}
