import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Mutant, MutantResult, MutantStatus } from "@stryker-mutator/api/core";

// What is known of the mutants, kept between runs as lines of JSON: what a file's mutants are, then what became of each. A line
// holds for the text that its file had; a file that was changed since has nothing known of it. Of two lines about the same
// mutant the later one holds.

/** Lines from 1, columns from 0, both ends of what is replaced. */
type Place = readonly [line: number, column: number, endLine: number, endColumn: number];

export interface PlannedMutant {
  readonly at: Place;
  readonly mutator: string;
  readonly replacement: string;
}

export interface TriedMutant extends PlannedMutant {
  readonly status: MutantStatus;
  /** Only reached while the sources load. */
  readonly isStatic?: boolean;
  readonly killedBy?: string;
}

export type Line = { readonly file: string; readonly hash: string } & (
  { readonly planned: readonly PlannedMutant[] } | { readonly tried: TriedMutant }
);

/** Of one file: what is to be tried, and what came of those that were. */
export interface KnownFile {
  readonly planned: ReadonlyMap<string, PlannedMutant>;
  readonly tried: ReadonlyMap<string, TriedMutant>;
}

/** Where a run keeps what it finds; `hashes` are of the texts of the files that it mutates. */
export interface Keeping {
  readonly file: string;
  readonly hashes: Readonly<Record<string, string>>;
  /** Files whose mutants are all in this run, so that its plan tells what there is. */
  readonly whole: readonly string[];
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

export function keep(file: string, line: Line): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** What is known of the files as they are now, by path. `textOf` gives a file's text, undefined for one that is gone. */
export function known(file: string, textOf: (path: string) => string | undefined): ReadonlyMap<string, KnownFile> {
  const files = new Map<string, { planned: Map<string, PlannedMutant>; tried: Map<string, TriedMutant> }>();
  const hashes = new Map<string, string | undefined>();
  for (const line of linesOf(file)) {
    if (!hashes.has(line.file)) {
      const text = textOf(line.file);
      hashes.set(line.file, text === undefined ? undefined : hashOf(text));
    }
    if (hashes.get(line.file) !== line.hash) continue;
    const entry = files.get(line.file) ?? {
      planned: new Map<string, PlannedMutant>(),
      tried: new Map<string, TriedMutant>(),
    };
    files.set(line.file, entry);
    if ("tried" in line) entry.tried.set(keyOf(line.tried), line.tried);
    else for (const mutant of line.planned) entry.planned.set(keyOf(mutant), mutant);
  }
  return files;
}

function linesOf(file: string): readonly Line[] {
  if (!existsSync(file)) return [];
  const whole = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line);
}

export function keyOf({ at, mutator, replacement }: PlannedMutant): string {
  return `${at.join(":")} ${mutator} ${replacement}`;
}

/** A mutant of a plan, where lines are counted from 0. */
export function plannedOf({ location: { start, end }, mutatorName, replacement }: Mutant): PlannedMutant {
  return { at: [start.line + 1, start.column, end.line + 1, end.column], mutator: mutatorName, replacement };
}

/** A mutant of a result, where lines and columns are counted from 1. */
export function triedOf(result: Readonly<MutantResult>): TriedMutant {
  const { start, end } = result.location;
  const killedBy = result.killedBy?.[0];
  return {
    at: [start.line, start.column - 1, end.line, end.column - 1],
    mutator: result.mutatorName,
    replacement: result.replacement,
    status: result.status,
    ...(result.static === true ? { isStatic: true } : {}),
    ...(killedBy === undefined ? {} : { killedBy }),
  };
}
