// What manifests and lockfiles say together: who depends on what, inside and outside.
// Lists are bounded and in an order of their own; the number of all stands beside each.

import { compileGlob } from "#src/tools/builtin/glob-pattern.ts";
import { compare, directoryOf } from "../code-path.ts";
import type { ReadLock } from "./manifest-files.ts";
import type { Dependency, Ecosystem, Manifest } from "./manifest.ts";

const MAX_TOP = 20;
const MAX_MANIFESTS = 50;
const MAX_DIRECT = 100;
const MAX_INTERNAL = 100;

export interface ManifestSummary {
  readonly path: string;
  readonly ecosystem: Ecosystem;
  readonly name: string | null;
  readonly version: string | null;
  /** How many of each kind. */
  readonly dependencies: Readonly<Partial<Record<Dependency["kind"], number>>>;
  /** Of its workspace, by their manifests' paths. */
  readonly members: number;
}

export interface DirectDependency {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  /** All that are asked for, sorted. */
  readonly ranges: readonly string[];
  readonly kinds: readonly Dependency["kind"][];
  /** That name it. */
  readonly manifests: number;
}

/** Manifests in nearer directories first, then by path. */
export function manifestSummaries(manifests: readonly Manifest[]): readonly ManifestSummary[] {
  return manifests
    .toSorted((a, b) => depthOf(a.path) - depthOf(b.path) || compare(a.path, b.path))
    .slice(0, MAX_MANIFESTS)
    .map((one) => ({
      ...{ path: one.path, ecosystem: one.ecosystem, name: one.name, version: one.version },
      dependencies: countsOf(one.dependencies.map(({ kind }) => kind)),
      members: membersOf(one, manifests),
    }));
}

/** What is not of this codebase, most asked for first. */
export function directDependencies(manifests: readonly Manifest[]): {
  readonly count: number;
  readonly top: readonly DirectDependency[];
} {
  const own = ownNames(manifests);
  const found = new Map<string, { ecosystem: Ecosystem; name: string; all: Dependency[]; manifests: Set<string> }>();
  for (const { ecosystem, dependencies, path } of manifests) {
    for (const dependency of dependencies) {
      const key = `${ecosystem} ${dependency.name}`;
      if (own.has(key)) continue;
      const known = found.get(key) ?? { ecosystem, name: dependency.name, all: [], manifests: new Set<string>() };
      found.set(key, known);
      known.all.push(dependency);
      known.manifests.add(path);
    }
  }
  const top = [...found.values()]
    .sort((a, b) => b.manifests.size - a.manifests.size || compare(a.name, b.name) || compare(a.ecosystem, b.ecosystem))
    .slice(0, MAX_DIRECT)
    .map(({ ecosystem, name, all, manifests: { size } }) => ({
      ...{ ecosystem, name, manifests: size },
      ranges: distinct(all.flatMap(({ range }) => range ?? [])).slice(0, MAX_TOP),
      kinds: distinct(all.map(({ kind }) => kind)),
    }));
  return { count: found.size, top };
}

/** Which manifests of this codebase need which others. */
export function internalDependencies(manifests: readonly Manifest[]): {
  readonly count: number;
  readonly first: readonly { readonly from: string; readonly to: string }[];
} {
  const own = ownNames(manifests);
  const all = manifests.flatMap(({ ecosystem, dependencies, path }) => {
    const needed = dependencies.flatMap(({ name }) => own.get(`${ecosystem} ${name}`) ?? []);
    return distinct(needed.filter((to) => to !== path)).map((to) => ({ from: path, to }));
  });
  all.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  return { count: all.length, first: all.slice(0, MAX_INTERNAL) };
}

export interface LockSummary {
  readonly path: string;
  readonly format: string;
  readonly packages: number;
  readonly dependencies: number;
  readonly missing: number;
  readonly mostNeeded: readonly { readonly name: string; readonly packages: number }[];
  /** Of which there are several versions at once. */
  readonly repeated: {
    readonly count: number;
    readonly top: readonly { readonly name: string; readonly versions: number }[];
  };
}

export function lockSummary({ path, lock }: ReadLock): LockSummary {
  const needed = new Map<string, number>();
  const versions = new Map<string, number>();
  for (const { name, needs } of lock.entries) {
    versions.set(name, (versions.get(name) ?? 0) + 1);
    for (const id of needs) needed.set(id, (needed.get(id) ?? 0) + 1);
  }
  const repeated = [...versions].filter(([, count]) => count > 1);
  return {
    ...{ path, format: lock.format, packages: lock.entries.length, missing: lock.missing },
    dependencies: lock.entries.reduce((sum, { needs }) => sum + needs.length, 0),
    mostNeeded: ranked([...needed]).map(([name, packages]) => ({ name, packages })),
    repeated: { count: repeated.length, top: ranked(repeated).map(([name, count]) => ({ name, versions: count })) },
  };
}

function ranked(counted: readonly (readonly [string, number])[]): readonly (readonly [string, number])[] {
  return counted.toSorted((a, b) => b[1] - a[1] || compare(a[0], b[0])).slice(0, MAX_TOP);
}

/** The path of the manifest by ecosystem and name; of several with one name, of the first. */
function ownNames(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const named = manifests.flatMap(({ ecosystem, name, path }): [string, string][] =>
    name === null ? [] : [[`${ecosystem} ${name}`, path]],
  );
  return new Map(named.reverse());
}

function membersOf(root: Manifest, manifests: readonly Manifest[]): number {
  if (root.workspace.length === 0) return 0;
  const below = directoryOf(root.path);
  const [wanted, unwanted] = [globOf(root.workspace.filter(isWanted)), globOf(root.workspace.filter(isUnwanted))];
  return manifests.filter(({ path, ecosystem }) => {
    const directory = directoryOf(path);
    if (
      ecosystem !== root.ecosystem ||
      path === root.path ||
      !`${directory}/`.startsWith(below === "" ? "" : `${below}/`)
    )
      return false;
    const parts = directory.slice(below === "" ? 0 : below.length + 1).split("/");
    return wanted(parts) && !unwanted(parts);
  }).length;
}

function isUnwanted(pattern: string): boolean {
  return pattern.startsWith("!");
}

function isWanted(pattern: string): boolean {
  return !isUnwanted(pattern);
}

/** A pattern that is none matches nothing. */
function globOf(patterns: readonly string[]): (parts: readonly string[]) => boolean {
  const globs = patterns.flatMap((pattern) => {
    try {
      return [compileGlob([pattern.replace(/^!/u, "")], { hidden: false })];
    } catch {
      return [];
    }
  });
  return (parts) =>
    globs.some((glob) => {
      let state = glob.start;
      return parts.every((part, index) => {
        const step = glob.step(state, part);
        state = step.next;
        return index < parts.length - 1 || step.matches;
      });
    });
}

function countsOf(kinds: readonly Dependency["kind"][]): Partial<Record<Dependency["kind"], number>> {
  const counts: Partial<Record<Dependency["kind"], number>> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function distinct<T extends string>(all: readonly T[]): readonly T[] {
  return [...new Set(all)].sort();
}

function depthOf(path: string): number {
  return path.split("/").length;
}
