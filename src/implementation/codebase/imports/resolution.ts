// Where an import leads: to a module of the codebase, to another package, or nowhere that is known. Nothing is looked up on the disk:
// the files that there are have been listed.
//
// R1. A module of TypeScript or JavaScript is found as bundlers and Node do: with another ending (`.js` for `.ts`), without one, by a
//     directory's index, by `imports` and `exports` of a package.json, by `paths` of the nearest tsconfig.json.
// R2. A module of Go is a directory: its package.
// R3. A package of the codebase whose entry is built leads to its package.json.

import { isBuiltin } from "node:module";
import { directoryOf, joined } from "../code-path.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { entryTargets } from "./package-entries.ts";
import type { PathSettings } from "./path-settings.ts";

export type Found = { readonly module: string } | { readonly package: string } | undefined;

const NOTHING: Found = undefined;

export interface Grounds {
  readonly paths: ReadonlySet<string>;
  readonly manifests: readonly Manifest[];
  /** By directory. */
  readonly settings: ReadonlyMap<string, PathSettings>;
}

export class Resolution {
  readonly #paths: ReadonlySet<string>;
  readonly #settings: ReadonlyMap<string, PathSettings>;
  readonly #nodeByDirectory: ReadonlyMap<string, Manifest>;
  readonly #nodeByName: ReadonlyMap<string, Manifest>;
  readonly #goModules: readonly { readonly name: string; readonly directory: string }[];
  readonly #goDirectories = new Set<string>();
  readonly #pythonRoots: readonly string[];

  constructor({ paths, manifests, settings }: Grounds) {
    this.#paths = paths;
    this.#settings = settings;
    const node = manifests.filter(({ ecosystem }) => ecosystem === "npm");
    this.#nodeByDirectory = new Map(node.map((one) => [directoryOf(one.path), one]));
    this.#nodeByName = new Map(node.flatMap((one) => (one.name === null ? [] : [[one.name, one] as const])).reverse());
    this.#goModules = manifests
      .flatMap(({ ecosystem, name, path }) =>
        ecosystem === "go" && name !== null ? [{ name, directory: directoryOf(path) }] : [],
      )
      .sort((a, b) => b.name.length - a.name.length);
    const python = manifests.flatMap(({ ecosystem, path }) => (ecosystem === "python" ? [directoryOf(path)] : []));
    this.#pythonRoots = [...new Set(["", ...python].flatMap((root) => [root, joined(root, "src") ?? ""]))];
    for (const path of paths) if (path.endsWith(".go")) this.#goDirectories.add(directoryOf(path));
  }

  node(from: string, specifier: string): Found {
    if (/^\.{1,2}(?:\/|$)/u.test(specifier)) return this.#at(joined(directoryOf(from), specifier));
    if (specifier.startsWith("/")) return NOTHING;
    if (specifier.startsWith("#")) return this.#privately(from, specifier);
    return this.#byPaths(from, specifier) ?? this.#package(specifier);
  }

  /** `module` as Python writes it; a name that is taken from it may be a module of its own. */
  python(from: string, module: string): Found {
    const [, dots = "", rest = ""] = /^(\.*)(.*)$/u.exec(module) ?? [];
    const parts = rest === "" ? [] : rest.split(".");
    if (dots !== "") {
      const up = [directoryOf(from), ...Array.from({ length: dots.length - 1 }, () => "..")].join("/");
      return this.#pythonAt(joined("", [up, ...parts].join("/")));
    }
    for (const root of [...this.#pythonRoots, directoryOf(from)]) {
      const found = this.#pythonAt(joined(root, parts.join("/")));
      if (found !== undefined) return found;
    }
    return parts[0] === undefined ? NOTHING : { package: parts[0] };
  }

  go(path: string): Found {
    const own = this.#goModules.find(({ name }) => path === name || path.startsWith(`${name}/`));
    if (own === undefined) return { package: path };
    const directory = joined(own.directory, path.slice(own.name.length + 1)) ?? "";
    return this.#goDirectories.has(directory) ? { module: directory } : NOTHING;
  }

  #pythonAt(path: string | undefined): Found {
    if (path === undefined) return NOTHING;
    const inside = path === "" ? "" : `${path}/`;
    const shapes = [`${path}.py`, `${path}.pyi`, `${inside}__init__.py`, `${inside}__init__.pyi`];
    const found = shapes.find((one) => this.#paths.has(one));
    return found === undefined ? NOTHING : { module: found };
  }

  #privately(from: string, specifier: string): Found {
    for (let directory = directoryOf(from); ; directory = directoryOf(directory)) {
      const manifest = this.#nodeByDirectory.get(directory);
      if (manifest !== undefined) {
        for (const target of entryTargets(manifest.entries?.imports, specifier)) {
          const found = target.startsWith(".") ? this.#at(joined(directory, target)) : this.#package(target);
          if (found !== undefined) return found;
        }
        return NOTHING;
      }
      if (directory === "") return NOTHING;
    }
  }

  #byPaths(from: string, specifier: string): Found {
    for (let directory = directoryOf(from); ; directory = directoryOf(directory)) {
      const settings = this.#settings.get(directory);
      if (settings !== undefined) {
        for (const path of settings.candidates(specifier)) {
          const found = this.#at(path);
          if (found !== undefined) return found;
        }
        return NOTHING;
      }
      if (directory === "") return NOTHING;
    }
  }

  #package(specifier: string): Found {
    if (isBuiltin(specifier)) return { package: specifier.startsWith("node:") ? specifier : `node:${specifier}` };
    if (/^[a-z][a-z0-9+.-]*:/iu.test(specifier)) return { package: specifier };
    const [name = specifier] = /^(?:@[^/]+\/)?[^/]+/u.exec(specifier) ?? [];
    const own = this.#nodeByName.get(name);
    if (own === undefined) return { package: name };
    const directory = directoryOf(own.path);
    const within = `.${specifier.slice(name.length)}`;
    for (const target of ownTargets(own, within)) {
      const found = this.#at(joined(directory, target));
      if (found !== undefined) return found;
    }
    return { module: own.path };
  }

  #at(path: string | undefined): Found {
    if (path === undefined) return NOTHING;
    const found = candidatesOf(path).find((one) => this.#paths.has(one));
    return found === undefined ? NOTHING : { module: found };
  }
}

function ownTargets({ entries }: Manifest, within: string): readonly string[] {
  const { exports, main } = entries ?? {};
  if (exports !== undefined) return entryTargets(exports, within);
  return within === "." ? [main ?? ".", "."] : [within];
}

const ENDINGS = [".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte"];
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".d.ts"],
  ".jsx": [".tsx", ".d.ts"],
  ".mjs": [".mts", ".d.mts"],
  ".cjs": [".cts", ".d.cts"],
};

function* candidatesOf(path: string): Generator<string> {
  yield path;
  const ending = /\.[cm]?jsx?$/u.exec(path)?.[0] ?? "";
  for (const source of WRITTEN_AS[ending] ?? []) yield path.slice(0, -ending.length) + source;
  for (const one of ENDINGS) yield path + one;
  for (const one of ENDINGS) yield path === "" ? `index${one}` : `${path}/index${one}`;
}
