// Cargo.toml (https://doc.rust-lang.org/cargo/reference/manifest.html): dependencies of all tables, also of those for one target.
// What a member takes from its workspace is named without a range.

import { z } from "zod";
import type { Dependency, Manifest } from "./manifest.ts";
import { table, text, textList, tomlOf } from "./toml-shapes.ts";

const dependencyTables = {
  dependencies: table,
  "dev-dependencies": table,
  "build-dependencies": table,
};

const cargoToml = z.object({
  ...dependencyTables,
  package: z.object({ name: text, version: text }).catch({ name: null, version: null }),
  workspace: z.object({ members: textList, exclude: textList }).catch({ members: [], exclude: [] }),
  target: z.record(z.string(), z.object(dependencyTables)).catch({}),
});

/** Cargo.toml. Throws for what is not TOML. */
export function cargoManifest(path: string, source: string): Manifest {
  const read = cargoToml.parse(tomlOf(source));
  const { members, exclude } = read.workspace;
  return {
    path,
    ecosystem: "cargo",
    ...read.package,
    dependencies: [read, ...Object.values(read.target)].flatMap((tables) => [
      ...dependenciesIn(tables.dependencies, "runtime"),
      ...dependenciesIn(tables["dev-dependencies"], "development"),
      ...dependenciesIn(tables["build-dependencies"], "build"),
    ]),
    workspace: [...members, ...exclude.map((pattern) => `!${pattern}`)],
    scripts: {},
    configures: [],
  };
}

const detailed = z.object({ version: text, package: text });

function dependenciesIn(all: Readonly<Record<string, unknown>>, kind: Dependency["kind"]): readonly Dependency[] {
  return Object.entries(all).map(([name, said]) => {
    if (typeof said === "string") return { name, range: said, kind };
    const { data } = detailed.safeParse(said);
    return { name: data?.package ?? name, range: data?.version ?? null, kind };
  });
}
