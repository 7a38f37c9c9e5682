import { parse } from "yaml";
import { z } from "zod";
import type { Dependency, Manifest } from "./manifest.ts";

// package.json and pnpm-workspace.yaml.
// A member of another shape than it should have is as if it were not there.

const texts = z.record(z.string(), z.unknown()).catch({}).transform(onlyTexts);
const list = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.filter((one) => typeof one === "string"));

const packageJson = z.object({
  name: z.string().nullable().catch(null),
  version: z.string().nullable().catch(null),
  main: z.string().nullable().catch(null),
  exports: z.unknown().optional(),
  imports: z.unknown().optional(),
  scripts: texts,
  dependencies: texts,
  devDependencies: texts,
  peerDependencies: texts,
  optionalDependencies: texts,
  workspaces: z.union([z.object({ packages: list }).transform(({ packages }) => packages), list]),
  jest: z.unknown().optional(),
  mocha: z.unknown().optional(),
  vitest: z.unknown().optional(),
});

/** Throws a SyntaxError or a ZodError for what is no object of JSON. */
export function nodeManifest(path: string, text: string): Manifest {
  const read = packageJson.parse(JSON.parse(text));
  return {
    path,
    ecosystem: "npm",
    name: read.name,
    version: read.version,
    dependencies: [
      ...dependenciesIn(read.dependencies, "runtime"),
      ...dependenciesIn(read.devDependencies, "development"),
      ...dependenciesIn(read.peerDependencies, "peer"),
      ...dependenciesIn(read.optionalDependencies, "optional"),
    ],
    workspace: read.workspaces,
    scripts: read.scripts,
    entries: { exports: read.exports, imports: read.imports, main: read.main },
    configures: (["jest", "mocha", "vitest"] as const).filter((tool) => read[tool] !== undefined),
  };
}

const pnpmWorkspace = z.object({ packages: list });

/** Its patterns; throws for what is not YAML. */
export function pnpmWorkspacePatterns(text: string): readonly string[] {
  return pnpmWorkspace.catch({ packages: [] }).parse(parse(text)).packages;
}

function dependenciesIn(ranges: Readonly<Record<string, string>>, kind: Dependency["kind"]): readonly Dependency[] {
  return Object.entries(ranges).map(([name, range]) => ({ name, range, kind }));
}

function onlyTexts(record: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
