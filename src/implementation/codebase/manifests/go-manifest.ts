import type { Dependency, Manifest } from "./manifest.ts";

/** go.mod: its grammar is a line for each thing, alone or in a block (https://go.dev/ref/mod). */
export function goManifest(path: string, source: string): Manifest {
  const dependencies: Dependency[] = [];
  let name: string | null = null;
  let block: string | undefined;
  for (const line of source.split(/\r?\n/u)) {
    const isIndirect = /\/\/\s*indirect\b/u.test(line);
    const words = line
      .replace(/\/\/.*$/u, "")
      .trim()
      .split(/\s+/u);
    if (words[0] === ")") block = undefined;
    else if (words[1] === "(") block = words[0];
    else {
      const [verb, first, second] = block === undefined ? words : [block, ...words];
      if (verb === "module") name = unquoted(first);
      const required = verb === "require" ? unquoted(first) : null;
      if (required === null) continue;
      dependencies.push({ name: required, range: unquoted(second), kind: isIndirect ? "optional" : "runtime" });
    }
  }
  return { path, ecosystem: "go", name, version: null, dependencies, workspace: [], scripts: {}, configures: [] };
}

function unquoted(word: string | undefined): string | null {
  const bare = word?.replaceAll(/^["`]|["`]$/gu, "") ?? "";
  return bare === "" ? null : bare;
}
