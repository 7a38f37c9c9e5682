// git.status: the branch and what differs from its last commit. Reads porcelain format 2, which git made to be parsed
// and promises to keep, NUL separated.

import { z } from "zod";
import { defineTool } from "../define.ts";
import { repositoryRoot, withRepository } from "./git-command.ts";

const entry = z.object({
  path: z.string().describe("from the top of the repository"),
  from: z.string().nullable().describe("the old path of a renamed file"),
  kind: z.enum(["changed", "renamed", "unmerged", "untracked"]),
  index: z.string().describe("git's letter for the index: . unchanged, M, A, D, R, C, U, ?"),
  worktree: z.string().describe("the same for the working tree"),
});

const status = z.object({
  branch: z.string().nullable().describe("null when HEAD is detached"),
  commit: z.string().nullable().describe("null before the first commit"),
  upstream: z.string().nullable(),
  ahead: z.int(),
  behind: z.int(),
  clean: z.boolean(),
  entries: z.array(entry),
});

type Entry = z.infer<typeof entry>;

export const gitStatus = defineTool({
  name: "git.status",
  version: "1.0.0",
  description: "Tells the branch of a repository inside the root and every changed, unmerged and untracked file.",
  input: z.strictObject({ root: repositoryRoot, untracked: z.boolean().default(true) }),
  output: status,
  sideEffects: "read",
  run({ root, untracked }, context) {
    const files = `--untracked-files=${untracked ? "all" : "no"}`;
    const args = ["status", "--porcelain=v2", "--branch", "-z", "--ignore-submodules=all", "--find-renames", files];
    return withRepository(context, root, async (git) => parse(await git(args)));
  },
});

function parse(output: string): z.infer<typeof status> {
  const headers = new Map<string, string>();
  const entries: Entry[] = [];
  const tokens = output.split("\0").values();
  for (const token of tokens) {
    const header = /^# (branch\.\w+) (.*)$/s.exec(token);
    if (header !== null) headers.set(header[1] ?? "", header[2] ?? "");
    else if (token !== "") entries.push(entryOf(token, () => tokens.next().value ?? ""));
  }
  return {
    branch: unless("(detached)", headers.get("branch.head")),
    commit: unless("(initial)", headers.get("branch.oid")),
    upstream: headers.get("branch.upstream") ?? null,
    ...distance(headers.get("branch.ab") ?? ""),
    clean: entries.length === 0,
    entries,
  };
}

/** `+2 -1` */
function distance(text: string): { ahead: number; behind: number } {
  const [, ahead = "0", behind = "0"] = /^\+(\d+) -(\d+)$/.exec(text) ?? [];
  return { ahead: Number(ahead), behind: Number(behind) };
}

/** Fields before the path, by the entry's first character: git-status(1), "Porcelain Format Version 2". */
const FIELDS = { "1": 8, "2": 9, u: 10 };

function entryOf(token: string, next: () => string): Entry {
  const type = token[0];
  if (type !== "1" && type !== "2" && type !== "u") {
    return { path: token.slice(2), from: null, kind: "untracked", index: "?", worktree: "?" };
  }
  const fields = token.split(" ");
  const [index = ".", worktree = "."] = fields[1] ?? "";
  const kind = type === "1" ? "changed" : type === "2" ? "renamed" : "unmerged";
  const path = fields.slice(FIELDS[type]).join(" ");
  return { path, from: type === "2" ? next() : null, kind, index, worktree };
}

function unless(none: string, value: string | undefined): string | null {
  return value === undefined || value === none ? null : value;
}
