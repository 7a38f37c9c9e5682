import { globSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { keyOf, known, type KnownFile, type PlannedMutant } from "./kept.ts";

// What is mutated, in the order of its worth: the words of the facts, the deciders, the fold, then the expressions. A slice is a
// folder: one run of StrykerJS, which tries the suite once without a mutant before it begins.

export const FOLDERS = [
  "events",
  "machines/decide",
  "machines",
  "machines/expressions",
  "machines/expressions/functions",
];

/** Where results are kept between runs; nothing of it is under version control. */
export const KEPT_FOLDER = ".mutation";
export const KEPT = `${KEPT_FOLDER}/results.jsonl`;

export interface Slice {
  readonly folder: string;
  /** Files whose mutants are not known yet. */
  readonly whole: readonly string[];
  /** Mutants that are still to be tried, by their file. */
  readonly parts: ReadonlyMap<string, readonly PlannedMutant[]>;
}

export function mutatedFiles(): readonly string[] {
  return FOLDERS.flatMap((folder) => globSync(`${folder}/*.ts`).sort());
}

export function textOf(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file, "utf8") : undefined;
}

export function knownFiles(): ReadonlyMap<string, KnownFile> {
  return known(KEPT, textOf);
}

/** Files below these paths; all where none is given. Undefined where a path names nothing that is mutated. */
export function filesBelow(paths: readonly string[]): readonly string[] | undefined {
  const files = mutatedFiles();
  if (paths.length === 0) return files;
  const clean = paths.map((path) => path.replace(/^\.\//, "").replace(/\/+$/, ""));
  const isBelow = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`);
  if (clean.some((path) => !files.some((file) => isBelow(file, path)))) return undefined;
  return files.filter((file) => clean.some((path) => isBelow(file, path)));
}

/** What is left to be tried of these files; with `again`, also what was tried and not killed. */
export function slicesOf(files: readonly string[], again: boolean): readonly Slice[] {
  const results = knownFiles();
  return FOLDERS.flatMap((folder) => {
    const own = files.filter((file) => dirname(file) === folder);
    const whole = own.filter((file) => results.get(file) === undefined);
    const parts = new Map<string, readonly PlannedMutant[]>();
    for (const file of own) {
      const left = leftOf(results.get(file), again);
      if (left.length > 0) parts.set(file, left);
    }
    return whole.length + parts.size === 0 ? [] : [{ folder, whole, parts }];
  });
}

function leftOf(file: KnownFile | undefined, again: boolean): readonly PlannedMutant[] {
  if (file === undefined) return [];
  return [...file.planned.values()].filter((mutant) => {
    const tried = file.tried.get(keyOf(mutant));
    return tried === undefined || (again && (tried.status === "Survived" || tried.status === "NoCoverage"));
  });
}

/** The mutants of a slice as StrykerJS names them: files, or places in files. */
export function mutateOf({ whole, parts }: Slice): readonly string[] {
  const places = [...parts].flatMap(([file, mutants]) =>
    mutants.map(({ at: [line, column, endLine, endColumn] }) => `${file}:${line}:${column}-${endLine}:${endColumn}`),
  );
  return [...whole, ...new Set(places)];
}
