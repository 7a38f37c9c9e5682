// package-lock.json: places in node_modules with what each needs by name. Which place is meant is found as Node does,
// from the directory upwards.

import { z } from "zod";
import { lockOf, type Lock, type WrittenEntry } from "./lock.ts";

const ranges = z.record(z.string(), z.unknown()).catch({});

const entry = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  link: z.boolean().catch(false),
  resolved: z.string().optional().catch(undefined),
  dependencies: ranges,
  devDependencies: ranges,
  optionalDependencies: ranges,
});
type Entry = z.output<typeof entry>;

const packageLock = z.object({ lockfileVersion: z.int(), packages: z.record(z.string(), entry) });

/** package-lock.json and npm-shrinkwrap.json of versions 2 and 3. Throws for others: the first one has no list of packages. */
export function npmLock(text: string): Lock {
  const { lockfileVersion, packages } = packageLock.parse(JSON.parse(text));
  const all = new Map(Object.entries(packages));
  return lockOf(`package-lock ${lockfileVersion}`, written(all));
}

function* written(all: ReadonlyMap<string, Entry>): Generator<WrittenEntry> {
  for (const [place, one] of all) {
    if (one.link) continue;
    const needed = Object.keys({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies });
    const needs = needed.map((name) => idAt(all, placeOf(all, place, name)));
    yield { id: idOf(place, one), name: packageName(place, one), needs };
  }
}

/** As Node finds it: in node_modules of the directory, or of one above it. */
function placeOf(all: ReadonlyMap<string, Entry>, from: string, name: string): string | undefined {
  for (let directory = from; ; directory = directory.slice(0, Math.max(0, directory.lastIndexOf("/")))) {
    const place = `${directory === "" ? "" : `${directory}/`}node_modules/${name}`;
    if (all.has(place)) return place;
    if (directory === "") return undefined;
  }
}

function idAt(all: ReadonlyMap<string, Entry>, place: string | undefined): string | undefined {
  const found = place === undefined ? undefined : all.get(place);
  if (place === undefined || found === undefined) return undefined;
  if (!found.link) return idOf(place, found);
  const target = found.resolved === undefined ? undefined : all.get(found.resolved);
  return target === undefined ? undefined : idOf(found.resolved ?? "", target);
}

const INSTALLED = "node_modules/";

function idOf(place: string, one: Entry): string {
  if (!place.includes(INSTALLED)) return place === "" ? "." : place;
  return `${packageName(place, one)}@${one.version ?? "?"}`;
}

function packageName(place: string, one: Entry): string {
  return one.name ?? place.slice(place.lastIndexOf(INSTALLED) + (place.includes(INSTALLED) ? INSTALLED.length : 1));
}
