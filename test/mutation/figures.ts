import { dirname } from "node:path";
import type { MutantStatus } from "@stryker-mutator/api/core";
import type { KnownFile, TriedMutant } from "./kept.ts";

// What became of the mutants, counted.

/** A mutant with what it replaced. */
export interface JudgedMutant extends TriedMutant {
  readonly file: string;
  /** What stood there, in one line. */
  readonly original: string;
}

export interface Counts {
  readonly killed: number;
  readonly timeout: number;
  readonly survived: number;
  readonly noCoverage: number;
  /** What could not be tried: the process died of it, twice. */
  readonly failed: number;
  /** Texts for people, which are left out of the score: see `isText`. */
  readonly texts: number;
  readonly untried: number;
}

const NOTHING: Counts = { killed: 0, timeout: 0, survived: 0, noCoverage: 0, failed: 0, texts: 0, untried: 0 };

export function judged(file: string, known: KnownFile, text: string): readonly JudgedMutant[] {
  const lines = text.split("\n");
  return [...known.tried.values()].map((mutant) => ({ ...mutant, file, original: oneLine(cut(lines, mutant.at)) }));
}

function cut(lines: readonly string[], [line, column, endLine, endColumn]: TriedMutant["at"]): string {
  const part = lines.slice(line - 1, endLine);
  const last = part.length - 1;
  part[last] = (part[last] ?? "").slice(0, endColumn);
  part[0] = (part[0] ?? "").slice(column);
  return part.join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A literal with a space in it is a sentence for a person; codes, kinds and names have none. */
export function isText({ mutator, original }: Pick<JudgedMutant, "mutator" | "original">): boolean {
  return mutator === "StringLiteral" && /\s/.test(original);
}

function isAlive(mutant: JudgedMutant): boolean {
  return (mutant.status === "Survived" || mutant.status === "NoCoverage") && !isText(mutant);
}

export function countsOf(mutants: readonly JudgedMutant[], untried: number): Counts {
  const counts = { ...NOTHING, untried };
  for (const mutant of mutants) counts[kindOf(mutant)]++;
  return counts;
}

const KINDS: Partial<Record<MutantStatus, keyof Counts>> = {
  Killed: "killed",
  Timeout: "timeout",
  Survived: "survived",
  NoCoverage: "noCoverage",
};

function kindOf(mutant: JudgedMutant): keyof Counts {
  return isText(mutant) ? "texts" : (KINDS[mutant.status] ?? "failed");
}

export function sumOf(all: readonly Counts[]): Counts {
  const add = (one: Counts, other: Counts): Counts => ({
    killed: one.killed + other.killed,
    timeout: one.timeout + other.timeout,
    survived: one.survived + other.survived,
    noCoverage: one.noCoverage + other.noCoverage,
    failed: one.failed + other.failed,
    texts: one.texts + other.texts,
    untried: one.untried + other.untried,
  });
  return all.reduce(add, NOTHING);
}

/** Share of the mutants that some test notices, of those that were tried; undefined where none was. */
export function scoreOf({ killed, timeout, survived, noCoverage }: Counts): number | undefined {
  const all = killed + timeout + survived + noCoverage;
  return all === 0 ? undefined : (killed + timeout) / all;
}

export interface FileFigures {
  readonly file: string;
  readonly counts: Counts;
  readonly alive: readonly JudgedMutant[];
}

/** The figures of each file of which something is known, in the order of `files`; a file of which nothing is known has no row. */
export function figuresOf(
  files: readonly string[],
  known: ReadonlyMap<string, KnownFile>,
  textOf: (file: string) => string | undefined,
): readonly FileFigures[] {
  return files.flatMap((file) => {
    const results = known.get(file);
    const text = textOf(file);
    if (results === undefined || text === undefined) return [];
    const mutants = judged(file, results, text);
    const counts = countsOf(mutants, Math.max(0, results.planned.size - results.tried.size));
    return [{ file, counts, alive: mutants.filter(isAlive) }];
  });
}

export function foldersOf(figures: readonly FileFigures[]): ReadonlyMap<string, Counts> {
  const folders = Map.groupBy(figures, ({ file }) => dirname(file));
  return new Map([...folders].map(([folder, files]) => [folder, sumOf(files.map(({ counts }) => counts))]));
}
