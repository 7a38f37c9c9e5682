// What git remembers of a directory: how many commits by how many people, and which files change most often.
//
// H1. It reads the last MAX_COMMITS commits; that there are more is said (`isWhole`).
// H2. Files that are no longer there are not among those that change most often: nobody can change them again.

import { withRepository, type Git, type GitContext } from "#src/tools/builtin/git-command.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { reasonOf, type NoteBook } from "./listing/notes.ts";

const MAX_COMMITS = 5_000;
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const MAX_CHANGED = 20;

interface LastCommit {
  readonly hash: string;
  readonly date: string;
  readonly subject: string;
}

export interface History {
  readonly commits: number;
  /** Whether these are all there are. */
  readonly isWhole: boolean;
  readonly authors: number;
  readonly first: string;
  readonly last: LastCommit;
  readonly mostChanged: readonly { readonly path: string; readonly commits: number }[];
}

/** Null where there is no git, or no commit yet. */
export async function historyOf(
  context: GitContext,
  directory: string,
  options: { readonly exists: (path: string) => boolean; readonly notes: NoteBook },
): Promise<History | null> {
  try {
    return await withRepository(context, directory, async (git) => summary(await logged(git), options.exists));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ToolFailure)) throw error;
    if (error.code !== "unknown-revision") options.notes.add("history-unknown", null, reasonOf(error));
    return null;
  }
}

const FIELDS = 4;
// An empty field begins a record: no name is empty, and names may have any other character.
const FORMAT = "--format=%x00%H%x00%aI%x00%aE%x00%s";

async function logged(git: Git): Promise<string> {
  const options = ["--encoding=UTF-8", "--no-color", "--no-show-signature", "--no-renames", "--no-ext-diff"];
  const names = ["-z", "--name-only", "--relative", "--ignore-submodules=all"];
  const args = ["log", FORMAT, ...options, ...names, `--max-count=${MAX_COMMITS + 1}`, "HEAD", "--"];
  // Of the whole repository, commits that change nothing count too.
  const isWhole = (await git(["rev-parse", "--show-prefix"])).trimEnd() === "";
  return git(isWhole ? args : [...args, "."], { maxBytes: MAX_LOG_BYTES });
}

interface Commit extends LastCommit {
  readonly author: string;
  readonly paths: readonly string[];
}

function summary(output: string, exists: (path: string) => boolean): History | null {
  const authors = new Set<string>();
  const changes = new Map<string, number>();
  let commits = 0;
  let isWhole = true;
  let [last, first]: [Commit | undefined, Commit | undefined] = [undefined, undefined];
  for (const commit of commitsIn(output)) {
    if (commits === MAX_COMMITS) {
      isWhole = false;
      break;
    }
    commits += 1;
    last ??= commit;
    first = commit;
    authors.add(commit.author.toLowerCase());
    for (const path of commit.paths) if (exists(path)) changes.set(path, (changes.get(path) ?? 0) + 1);
  }
  if (last === undefined || first === undefined) return null;
  const mostChanged = [...changes]
    .map(([path, count]) => ({ path, commits: count }))
    .sort((a, b) => b.commits - a.commits || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_CHANGED);
  const { hash, date, subject } = last;
  return { commits, isWhole, authors: authors.size, first: first.date, last: { hash, date, subject }, mostChanged };
}

function* commitsIn(output: string): Generator<Commit> {
  const tokens = output.split("\0");
  for (let at = tokens.indexOf("") + 1; at > 0 && at + FIELDS <= tokens.length;) {
    const [hash = "", date = "", author = "", subject = ""] = tokens.slice(at, at + FIELDS);
    const end = tokens.indexOf("", at + FIELDS);
    const paths = tokens.slice(at + FIELDS, end < 0 ? tokens.length : end);
    // Git ends the line of the fields before the first name.
    yield {
      hash,
      date,
      author,
      subject,
      paths: paths.map((path, index) => (index === 0 ? path.replace(/^\n/u, "") : path)),
    };
    at = end + 1;
  }
}
