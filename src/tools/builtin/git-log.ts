// git.log: commits as data. The format is ours and NUL separated, so neither the user's configuration nor the text of a
// message can change how it is read.

import { z } from "zod";
import { defineTool, ToolFailure } from "../define.ts";
import { gitPaths, repositoryRoot, revision, withRepository } from "./git-command.ts";

const MAX_COMMITS = 10_000;

const DEFAULT_COMMITS = 1000;

const commit = z.object({
  hash: z.string(),
  parents: z.array(z.string()),
  author: z.string(),
  email: z.string(),
  date: z.string().describe("author date, ISO 8601"),
  subject: z.string(),
  body: z.string(),
});

// NUL cannot stand in any of the fields.
const FIELDS = ["%H", "%P", "%an", "%ae", "%aI", "%s", "%b"];

export const gitLog = defineTool({
  name: "git.log",
  version: "1.0.0",
  description: "Lists commits of a repository inside the root, newest first; none in a repository without commits.",
  input: z.strictObject({
    root: repositoryRoot,
    range: revision.optional().describe("a revision or a range like v1..HEAD; default HEAD"),
    paths: gitPaths,
    limit: z.int().positive().max(MAX_COMMITS).default(DEFAULT_COMMITS),
  }),
  output: z.array(commit),
  sideEffects: "read",
  run({ root, range, paths, limit }, context) {
    return withRepository(context, root, async (git) => {
      const format = `--format=${FIELDS.join("%x00")}`;
      const options = ["--encoding=UTF-8", "--no-color", "--no-show-signature", `--max-count=${limit}`];
      const args = ["log", "-z", format, ...options, "--end-of-options", range ?? "HEAD", "--", ...paths];
      try {
        return parse(await git(args));
      } catch (error) {
        if (isUnborn(error, range)) return [];
        throw error;
      }
    });
  },
});

/** HEAD of a fresh repository names a branch that no commit has made yet: an empty history, not a mistake. */
function isUnborn(error: unknown, range: string | undefined): boolean {
  return range === undefined && error instanceof ToolFailure && error.code === "unknown-revision";
}

function parse(output: string): z.infer<typeof commit>[] {
  const fields = output.split("\0");
  const commits: z.infer<typeof commit>[] = [];
  for (let at = 0; at + FIELDS.length <= fields.length; at += FIELDS.length) {
    const [hash = "", parents = "", author = "", email = "", date = "", subject = "", body = ""] = fields.slice(at);
    const parentList = parents.split(" ").filter(Boolean);
    commits.push({ hash, parents: parentList, author, email, date, subject, body: body.trimEnd() });
  }
  return commits;
}
