// `paths` and `baseUrl` of tsconfig.json and jsconfig.json, with what they extend inside the codebase.
// What is extended from a package is not read.

import type { typescriptScanner } from "./typescript-imports.ts";
import { z } from "zod";
import { directoryOf, joined, nameOf } from "../code-path.ts";
import { reasonOf, type NoteBook } from "../listing/notes.ts";

const MAX_FILES = 2_000;
const MAX_EXTENDS = 10;
const MAX_BYTES = 1024 * 1024;

const settings = z.object({
  extends: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
  compilerOptions: z
    .object({
      baseUrl: z.string().optional().catch(undefined),
      paths: z.record(z.string(), z.array(z.string())).optional().catch(undefined),
    })
    .catch({}),
});

export interface PathSettings {
  /** Paths where a specifier may lie, the best one first. */
  candidates(specifier: string): readonly string[];
}

export interface SettingsReading {
  readonly ts: NonNullable<ReturnType<typeof typescriptScanner>>;
  readonly paths: ReadonlySet<string>;
  readonly textOf: (path: string, maxBytes: number) => string;
  readonly notes: NoteBook;
}

/** By directory; of a directory with both files, tsconfig.json counts. */
export function pathSettingsOf(reading: SettingsReading): ReadonlyMap<string, PathSettings> {
  const files = [...reading.paths].filter((path) => /^[jt]sconfig\.json$/u.test(nameOf(path)));
  // jsconfig.json comes first in the order of names, and is replaced.
  return new Map(
    files.slice(0, MAX_FILES).flatMap((path) => {
      const read = settingsIn(path, reading, 0);
      return read === undefined ? [] : [[directoryOf(path), candidatesBy(read)] as const];
    }),
  );
}

interface Read {
  /** Directory of the codebase that is meant by `baseUrl`. */
  readonly base?: string | undefined;
  readonly paths?: { readonly from: string; readonly targets: Readonly<Record<string, readonly string[]>> } | undefined;
}

function settingsIn(path: string, reading: SettingsReading, depth: number): Read | undefined {
  if (depth > MAX_EXTENDS) return undefined;
  const own = parsed(path, reading);
  if (own === undefined) return undefined;
  const directory = directoryOf(path);
  const above = own.extends.flatMap((one) => {
    const wanted = /^\.{1,2}\//u.test(one) ? joined(directory, one) : undefined;
    const file = [wanted, `${wanted}.json`].find((each) => each !== undefined && reading.paths.has(each));
    return file === undefined ? [] : (settingsIn(file, reading, depth + 1) ?? []);
  });
  const { baseUrl, paths } = own.compilerOptions;
  // Of several that it extends, the last one that says something counts.
  const base =
    baseUrl === undefined ? above.findLast((one) => one.base !== undefined)?.base : joined(directory, baseUrl);
  const inherited = above.findLast((one) => one.paths !== undefined)?.paths;
  return { base, paths: paths === undefined ? inherited : { from: base ?? directory, targets: paths } };
}

function parsed(path: string, { ts, textOf, notes }: SettingsReading): z.output<typeof settings> | undefined {
  try {
    const read: { readonly config?: unknown } = ts.parseConfigFileTextToJson(path, textOf(path, MAX_BYTES));
    return settings.parse(read.config ?? {});
  } catch (error) {
    notes.add("unreadable-manifest", path, reasonOf(error));
    return undefined;
  }
}

function candidatesBy({ base, paths }: Read): PathSettings {
  return {
    candidates: (specifier) => {
      const mapped = paths === undefined ? [] : mappedBy(paths.targets, specifier);
      const found = mapped.map((target) => joined(paths?.from ?? "", target));
      if (base !== undefined) found.push(joined(base, specifier));
      return found.filter((one) => one !== undefined);
    },
  };
}

/** The pattern with the longest text before its star counts, as TypeScript has it. */
function mappedBy(table: Readonly<Record<string, readonly string[]>>, specifier: string): readonly string[] {
  if (Object.hasOwn(table, specifier)) return table[specifier] ?? [];
  const fitting = Object.keys(table).flatMap((pattern) => {
    const [before = "", after] = pattern.split("*");
    const fits = after !== undefined && specifier.startsWith(before) && specifier.endsWith(after);
    return fits && specifier.length >= before.length + after.length ? [{ pattern, before, after }] : [];
  });
  const best = fitting.sort((a, b) => b.before.length - a.before.length)[0];
  if (best === undefined) return [];
  const star = specifier.slice(best.before.length, specifier.length - best.after.length);
  return (table[best.pattern] ?? []).map((target) => target.replace("*", () => star));
}
