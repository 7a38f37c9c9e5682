// git.diff: what changed between two states of a repository, file by file, with the patch on demand. Everything that is
// parsed is NUL separated, so no file name can be taken for something else.

import { z } from "zod";
import { defineTool } from "../define.ts";
import { gitPaths, repositoryRoot, revision, withRepository } from "./git-command.ts";

const file = z.object({
  path: z.string().describe("from the top of the repository"),
  from: z.string().nullable().describe("the old path of a renamed or copied file"),
  status: z.enum(["added", "deleted", "modified", "renamed", "copied", "type-changed", "unmerged", "unknown"]),
  additions: z.int(),
  deletions: z.int(),
  binary: z.boolean(),
});

type ChangedFile = z.infer<typeof file>;

export const gitDiff = defineTool({
  name: "git.diff",
  version: "1.0.0",
  description:
    "Compares two states: the working tree with the index, with `staged` the index with HEAD, with `range` two revisions or one with the working tree.",
  input: z.strictObject({
    root: repositoryRoot,
    range: revision.optional().describe("v1..HEAD, or one revision to compare the working tree with"),
    staged: z.boolean().default(false),
    paths: gitPaths,
    patch: z.boolean().default(false).describe("whether the output has the text of the patch"),
  }),
  output: z.object({ files: z.array(file), patch: z.string().nullable() }),
  sideEffects: "read",
  run({ root, range, staged, paths, patch }, context) {
    const what = [...(staged ? ["--cached"] : []), "--end-of-options", ...(range === undefined ? [] : [range]), "--"];
    return withRepository(context, root, async (git) => ({
      files: parse(await git(["diff", "--raw", "--numstat", "-z", ...FIXED, ...what, ...paths])),
      patch: patch ? await git(["diff", "--patch", ...FIXED, ...what, ...paths]) : null,
    }));
  },
});

const FIXED = [
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--find-renames",
  "--ignore-submodules=all",
  "--no-relative",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

const STATUSES = new Map<string, ChangedFile["status"]>([
  ["A", "added"],
  ["D", "deleted"],
  ["M", "modified"],
  ["R", "renamed"],
  ["C", "copied"],
  ["T", "type-changed"],
  ["U", "unmerged"],
]);

/** First all raw entries (`:modes hashes status NUL path NUL [new path NUL]`), then all counts, both NUL separated. */
function parse(output: string): ChangedFile[] {
  const tokens = output.split("\0").values();
  const next = (): string => tokens.next().value ?? "";
  const files = new Map<string, ChangedFile>();
  for (const token of tokens) {
    if (token.startsWith(":")) {
      const file = rawEntry(token, next);
      files.set(file.path, file);
    } else if (token !== "") {
      const { path, ...counts } = countEntry(token, next);
      const file = files.get(path);
      if (file !== undefined) files.set(path, { ...file, ...counts });
    }
  }
  return [...files.values()];
}

function rawEntry(token: string, next: () => string): ChangedFile {
  const letter = token.slice(token.lastIndexOf(" ") + 1, token.lastIndexOf(" ") + 2);
  const first = next();
  const isPair = letter === "R" || letter === "C";
  const path = isPair ? next() : first;
  const status = STATUSES.get(letter) ?? "unknown";
  return { path, from: isPair ? first : null, status, additions: 0, deletions: 0, binary: false };
}

function countEntry(token: string, next: () => string): Omit<ChangedFile, "from" | "status"> {
  const [, added = "", deleted = "", inline = ""] = /^([^\t]*)\t([^\t]*)\t(.*)$/s.exec(token) ?? [];
  // A pair has its two paths behind the counts, the new one last.
  const path = inline === "" ? secondOf(next) : inline;
  const binary = added === "-";
  return { path, additions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(deleted), binary };
}

function secondOf(next: () => string): string {
  next();
  return next();
}
