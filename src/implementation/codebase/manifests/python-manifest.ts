import { z } from "zod";
import type { Dependency, Manifest } from "./manifest.ts";
import { table, text, textList, tomlOf } from "./toml-shapes.ts";

// pyproject.toml (PEP 621, PEP 735, and Poetry's own table) and requirements.txt.
// Names are normalised (PEP 503), as all installers do.

const lists = z.record(z.string(), textList).catch({});
const poetryGroups = z.record(z.string(), z.object({ dependencies: table })).catch({});

const pyproject = z.object({
  project: z
    .object({ name: text, version: text, dependencies: textList, "optional-dependencies": lists })
    .catch({ name: null, version: null, dependencies: [], "optional-dependencies": {} }),
  "dependency-groups": lists,
  "build-system": z.object({ requires: textList }).catch({ requires: [] }),
  tool: z.record(z.string(), z.unknown()).catch({}),
});

const poetryTable = z.object({ name: text, version: text, dependencies: table, group: poetryGroups });
const NO_POETRY = { name: null, version: null, dependencies: {}, group: {} };

export function pyprojectManifest(path: string, source: string): Manifest {
  const { project, tool, ...read } = pyproject.parse(tomlOf(source));
  const poetry = poetryTable.catch(NO_POETRY).parse(tool["poetry"]);
  return {
    path,
    ecosystem: "python",
    name: project.name ?? poetry.name,
    version: project.version ?? poetry.version,
    dependencies: [
      ...required(project.dependencies, "runtime"),
      ...Object.values(project["optional-dependencies"]).flatMap((all) => required(all, "optional")),
      ...Object.values(read["dependency-groups"]).flatMap((all) => required(all, "development")),
      ...required(read["build-system"].requires, "build"),
      ...poetryDependencies(poetry.dependencies, "runtime"),
      ...Object.values(poetry.group).flatMap((group) => poetryDependencies(group.dependencies, "development")),
    ],
    workspace: [],
    scripts: {},
    configures: Object.keys(tool).filter((name) => name === "pytest"),
  };
}

export function requirementsManifest(path: string, source: string): Manifest {
  // A backslash at the end of a line joins it with the next one.
  const lines = source.replaceAll(/\\\r?\n/gu, " ").split(/\r?\n/u);
  const dependencies = required(
    lines.filter((line) => !/^\s*(?:-|#|$)/u.test(line)),
    /(?:dev|test)/iu.test(path) ? "development" : "runtime",
  );
  const nothing = { workspace: [], scripts: {}, configures: [] };
  return { path, ecosystem: "python", name: null, version: null, dependencies, ...nothing };
}

/** PEP 508: a name, perhaps extras, a range or an address, perhaps a marker. */
function required(all: readonly string[], kind: Dependency["kind"]): readonly Dependency[] {
  return all.flatMap((one) => {
    const [, name, range = ""] = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?([^;#]*)/u.exec(one) ?? [];
    if (name === undefined || range.startsWith(":")) return [];
    // Options of pip may follow: `--hash=…`.
    const asked = range.split(" --", 1)[0]?.trim() ?? "";
    return [{ name: normalised(name), range: asked === "" ? null : asked, kind }];
  });
}

const poetryRange = z.union([z.string(), z.object({ version: z.string() }).transform(({ version }) => version)]);

function poetryDependencies(
  ranges: Readonly<Record<string, unknown>>,
  kind: Dependency["kind"],
): readonly Dependency[] {
  return Object.entries(ranges)
    .filter(([name]) => name !== "python")
    .map(([name, range]) => ({ name: normalised(name), range: poetryRange.safeParse(range).data ?? null, kind }));
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, "-");
}
