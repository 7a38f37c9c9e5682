// Which files git knows in a directory, and which it would take: tracked ones by the index, others by its own rules of ignoring.
//
// G1. Git says nothing of a directory that is ignored as a whole; such a one is walked, as one without git.
// G2. Where git cannot be used (it is missing, its directory is outside the root, another user's), that is said, and the walk does it.

import { withRepository, type Git, type GitContext } from "#src/tools/builtin/git-command.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { isKeptBeside, type Listing } from "./listing.ts";
import { reasonOf, type NoteBook } from "./notes.ts";

const MAX_LISTED_BYTES = 256 * 1024 * 1024;
const SUBMODULE = "160000";

/** What git says where a directory is not one of its own: undefined. */
export async function listedByGit(
  context: GitContext,
  directory: string,
  notes: NoteBook,
): Promise<Listing | undefined> {
  try {
    return await withRepository(context, directory, (git) => listed(git, notes));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isUnusable(error)) throw error;
    if (!(error instanceof ToolFailure) || error.code !== "not-a-repository") {
      notes.add("git-unusable", null, `git is not asked: ${reasonOf(error)}`);
    }
    return undefined;
  }
}

async function listed(git: Git, notes: NoteBook): Promise<Listing | undefined> {
  const asked = { maxBytes: MAX_LISTED_BYTES, warned: (text: string) => noteWarnings(text, notes) };
  const [tracked, others] = await Promise.all([
    git(["ls-files", "-z", "--stage"], asked),
    git(["ls-files", "-z", "--others", "--exclude-standard"], asked),
  ]);
  const paths: string[] = [];
  const repositories: string[] = [];
  for (const entry of entriesOf(tracked, notes)) {
    // MODE OBJECT STAGE TAB PATH
    const path = entry.slice(entry.indexOf("\t") + 1);
    (entry.startsWith(SUBMODULE) ? repositories : paths).push(path);
  }
  for (const path of entriesOf(others, notes)) {
    if (path.endsWith("/")) repositories.push(path.slice(0, -1));
    else if (!path.split("/").some(isKeptBeside)) paths.push(path);
  }
  if (paths.length + repositories.length === 0 && (await isIgnored(git))) return undefined;
  return { paths, repositories: [...new Set(repositories)] };
}

function* entriesOf(output: string, notes: NoteBook): Generator<string> {
  for (let from = 0; from < output.length;) {
    const end = output.indexOf("\0", from);
    const entry = output.slice(from, end < 0 ? output.length : end);
    from = end < 0 ? output.length : end + 1;
    if (entry.includes("\uFFFD")) notes.add("unreadable-name", entry, "its name is not UTF-8");
    else yield entry;
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
