// pnpm-lock.yaml, in the three forms of keys that its versions have. A package with other peers is installed twice and is one here.
// Members of the workspace are known by their directories.

import { parse } from "yaml";
import { z } from "zod";
import { joined } from "../../code-path.ts";
import { lockOf, type Lock, type WrittenEntry } from "./lock.ts";

const reference = z.union([z.string(), z.object({ version: z.string() }).transform(({ version }) => version)]);
const references = z.record(z.string(), reference).catch({});
const entry = z.object({
  dependencies: references,
  optionalDependencies: references,
  devDependencies: references,
});
type Entry = z.output<typeof entry>;
const nullable = entry.nullable().transform((one) => one ?? NOTHING);
const NOTHING: Entry = { dependencies: {}, optionalDependencies: {}, devDependencies: {} };

const pnpm = z.object({
  lockfileVersion: z.coerce.string(),
  importers: z.record(z.string(), nullable).optional(),
  packages: z.record(z.string(), nullable).default({}),
  snapshots: z.record(z.string(), nullable).default({}),
  ...entry.shape,
});

/** pnpm-lock.yaml of versions 5 to 9. Throws for what is no such file. */
export function pnpmLock(text: string): Lock {
  const read = pnpm.parse(parse(text));
  const packages = new Map(Object.entries(Object.keys(read.snapshots).length > 0 ? read.snapshots : read.packages));
  // A project without a workspace has its own dependencies at the top.
  return lockOf(`pnpm ${read.lockfileVersion}`, written(read.importers ?? { ".": read }, packages));
}

function* written(
  importers: Readonly<Record<string, Entry>>,
  packages: ReadonlyMap<string, Entry>,
): Generator<WrittenEntry> {
  for (const [place, one] of Object.entries(importers)) {
    yield { id: place, name: place, needs: needsOf(one, place, packages) };
  }
  for (const [key, one] of packages) yield { ...identity(key), needs: needsOf(one, "", packages) };
}

function needsOf(one: Entry, place: string, packages: ReadonlyMap<string, Entry>): readonly (string | undefined)[] {
  const all = Object.entries({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies });
  return all.map(([name, version]) => {
    if (version.startsWith("link:")) return linked(place, version.slice("link:".length));
    const shapes = [`${name}@${version}`, `/${name}@${version}`, `/${name}/${version}`, version];
    const found = shapes.find((shape) => packages.has(shape));
    return found === undefined ? undefined : identity(found).id;
  });
}

/** `name@1.0.0(peer@2)`, `/name@1.0.0(peer@2)` and `/name/1.0.0_peer@2`: peers make no other package. */
function identity(key: string): { readonly id: string; readonly name: string } {
  const [bare = key] = key.replace(/^\//u, "").split("(", 1);
  const [, name = bare, rest = ""] = /^((?:@[^/]+\/)?[^/@]+)[@/](.+)$/u.exec(bare) ?? [];
  const [version = ""] = rest.split("_", 1);
  return { name, id: `${name}@${version}` };
}

function linked(place: string, relative: string): string | undefined {
  const target = joined(place === "." ? "" : place, relative);
  return target === "" ? "." : target;
}
