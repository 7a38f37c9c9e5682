// Which files git knows in a directory, and which it would take: tracked ones by the index, others by its own rules of ignoring.
//
// G1. Git says nothing of a directory that is ignored as a whole; such a one is walked, as one without git.
// G2. Where git cannot be used (it is missing, its directory is outside the root, another user's), that is said, and the walk does it.
// G3. What git prints is taken apart as it comes: no length of it is too much, but more files than MAX_FILES are.

import { withRepository, type Git, type GitContext } from "#src/tools/builtin/git-command.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { isKeptBeside, MAX_FILES, tooManyFiles, type Listing } from "./listing.ts";
import { reasonOf, type NoteBook } from "./notes.ts";

const SUBMODULE = "160000";

/** What git says where a directory is not one of its own: undefined. */
export async function listedByGit(
  context: GitContext,
  directory: string,
  notes: NoteBook,
): Promise<Listing | undefined> {
  try {
    return await withRepository(context, directory, (git) => listed(git, directory, notes));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isUnusable(error)) throw error;
    if (!(error instanceof ToolFailure) || error.code !== "not-a-repository") {
      notes.add("git-unusable", null, `git is not asked: ${reasonOf(error)}`);
    }
    return undefined;
  }
}

async function listed(git: Git, directory: string, notes: NoteBook): Promise<Listing | undefined> {
  const [tracked, others] = [new Told(directory), new Told(directory)];
  const warned = (text: string): void => noteWarnings(text, notes);
  await Promise.all([
    git(["ls-files", "-z", "--stage"], { warned, heard: (piece) => tracked.hear(piece) }),
    git(["ls-files", "-z", "--others", "--exclude-standard"], { warned, heard: (piece) => others.hear(piece) }),
  ]);
  const paths: string[] = [];
  const repositories: string[] = [];
  const add = (path: string, isRepository: boolean): void => {
    if (path.includes("\uFFFD")) notes.add("unreadable-name", path, "its name is not UTF-8");
    else if (isRepository) repositories.push(path);
    else if (!path.split("/").some(isKeptBeside)) paths.push(path);
  };
  // MODE OBJECT STAGE TAB PATH
  for (const entry of tracked.entries) add(entry.slice(entry.indexOf("\t") + 1), entry.startsWith(SUBMODULE));
  for (const entry of others.entries) add(entry.replace(/\/$/u, ""), entry.endsWith("/"));
  if (tracked.entries.length + others.entries.length === 0 && (await isIgnored(git))) return undefined;
  return { paths, repositories: [...new Set(repositories)] };
}

/** What git tells, each entry ended by a NUL, taken apart as it comes: G3. */
class Told {
  readonly entries: string[] = [];
  readonly #directory: string;
  #rest = Buffer.alloc(0);

  constructor(directory: string) {
    this.#directory = directory;
  }

  hear(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      this.entries.push(bytes.toString("utf8", from, end));
      from = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from));
    if (this.entries.length > MAX_FILES) throw tooManyFiles(this.#directory);
  }
}

/** Whether as a whole: the top of a repository never is, whatever its rules say of `.`. */
async function isIgnored(git: Git): Promise<boolean> {
  if ((await git(["rev-parse", "--show-prefix"])).trimEnd() === "") return false;
  // Exit code 1 is "no": for this runner a failure. The command knows no literal paths, and `.` has nothing to be taken for.
  return git(["--no-literal-pathspecs", "check-ignore", "-q", "."]).then(
    () => true,
    () => false,
  );
}

const MAX_WARNINGS = 1_000;

/** `warning: could not open directory 'x/': Permission denied` */
function noteWarnings(text: string, notes: NoteBook): void {
  for (const line of text.trim().split("\n").slice(0, MAX_WARNINGS)) {
    const path = /^warning: could not open directory '(.*)\/': /u.exec(line)?.[1] ?? null;
    notes.add("unreadable-entry", path, line.replace(/^warning: /u, ""));
  }
}

function isUnusable(error: unknown): boolean {
  if (error instanceof ToolFailure) return UNUSABLE.has(error.code);
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES");
}

const UNUSABLE: ReadonlySet<string> = new Set(["not-a-repository", "outside-root", "unsafe-repository", "git-failed"]);
