// What a summary of a codebase tells, as the output of the tool that makes it.
// Lists are the first or the largest of all, and the number of all stands beside them.

import { z } from "zod";

const count = z.int().min(0);
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const ranked = list(z.object({ name: z.string(), modules: count }));
const ecosystem = z.enum(["npm", "python", "cargo", "go"]);
const kind = z.enum(["runtime", "development", "peer", "optional", "build"]);

const note = z.object({
  code: z.string(),
  path: z.string().nullable(),
  text: z.string(),
  more: count.exactOptional().describe("that were not listed"),
});

const totals = z.object({
  files: count,
  bytes: count,
  lines: count,
  links: count.describe("not followed"),
  others: count.describe("pipes, sockets, devices"),
  binary: count,
  large: count.describe("over 1 MiB: counted, not read"),
  repositories: count.describe("submodules and other repositories inside, not entered"),
});

const manifest = z.object({
  path: z.string(),
  ecosystem,
  name: z.string().nullable(),
  version: z.string().nullable(),
  dependencies: z.partialRecord(kind, count),
  members: count.describe("of its workspace"),
});

const lock = z.object({
  path: z.string(),
  format: z.string(),
  packages: count,
  dependencies: count,
  missing: count.describe("that it names and does not have"),
  mostNeeded: list(z.object({ name: z.string(), packages: count })),
  repeated: z.object({ count, top: list(z.object({ name: z.string(), versions: count })) }),
});

const dependencies = z.object({
  manifests: count,
  first: list(manifest),
  direct: z.object({
    count,
    top: list(
      z.object({
        ecosystem,
        name: z.string(),
        ranges: list(z.string()),
        kinds: list(kind),
        manifests: count,
      }),
    ),
  }),
  internal: z.object({ count, first: list(z.object({ from: z.string(), to: z.string() })) }),
  locks: z.object({ count, first: list(lock) }),
});

const imports = z.object({
  typescript: z.enum(["scanned", "unknown", "none"]).describe("unknown: the package `typescript` is not installed"),
  lexical: list(z.string()).describe("languages whose imports were found by rules over lines, not by a parser"),
  modules: count,
  imports: count,
  unresolved: count,
  unresolvedExamples: list(z.object({ from: z.string(), specifier: z.string() })),
  mostImported: ranked,
  mostImporting: ranked,
  packages: count,
  mostUsedPackages: ranked,
  cycles: count,
  largestCycles: list(z.object({ modules: count, members: list(z.string()) })),
});

const tests = z.object({
  files: count,
  runners: list(
    z.object({ runner: z.string(), directory: z.string(), because: z.string(), command: list(z.string()) }),
  ),
  directories: list(z.object({ path: z.string(), files: count })),
});

const history = z.object({
  commits: count,
  isWhole: z.boolean().describe("whether these are all commits there are"),
  authors: count,
  first: z.string(),
  last: z.object({ hash: z.string(), date: z.string(), subject: z.string() }),
  mostChanged: list(z.object({ path: z.string(), commits: count })),
});

const edges = z.object({
  count,
  first: list(z.tuple([z.string(), z.string()]).readonly()),
});

export const codebaseContext = z.object({
  directory: z.string(),
  source: z.enum(["git", "walk"]).describe("who listed the files"),
  totals,
  languages: list(z.object({ language: z.string(), files: count, bytes: count, lines: count })),
  repositories: list(z.string()),
  dependencies,
  imports,
  tests,
  history: history.nullable().describe("null where there is no git, or no commit"),
  graph: z.object({ imports: edges, packages: edges }).exactOptional(),
  notes: list(note).describe("what could not be looked at"),
});
export type CodebaseContext = z.output<typeof codebaseContext>;
