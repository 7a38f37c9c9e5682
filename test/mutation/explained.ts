import type { JudgedMutant } from "./figures.ts";

// Why mutants live that need not die: written by hand in survivors.json, merged into the report. An explanation names the file
// and the mutation, not the line, so that it stays true while the file moves; one whose survivors are gone is named as well.

export interface Explanation {
  /** In a sentence or two, for the report. */
  readonly why: string;
  /** By file: mutations, as `what stood there → what stands there`. */
  readonly mutants: Readonly<Record<string, readonly string[]>>;
}

interface Explained {
  readonly why: string;
  readonly mutants: readonly JudgedMutant[];
}

export interface Account {
  readonly explained: readonly Explained[];
  readonly unexplained: readonly JudgedMutant[];
  /** Explanations of mutations that do not live, of files that were tried. */
  readonly gone: readonly string[];
}

export function mutationOf({ original, replacement }: Pick<JudgedMutant, "original" | "replacement">): string {
  return `${original} → ${replacement.replace(/\s+/g, " ").trim()}`;
}

export function account(
  alive: readonly JudgedMutant[],
  explanations: readonly Explanation[],
  tried: ReadonlySet<string>,
): Account {
  const left = new Set(alive);
  const gone: string[] = [];
  const explained = explanations.map(({ why, mutants }) => {
    const own: JudgedMutant[] = [];
    for (const [file, mutations] of Object.entries(mutants))
      for (const mutation of mutations) {
        const found = [...left].filter((mutant) => mutant.file === file && mutationOf(mutant) === mutation);
        if (found.length === 0 && tried.has(file)) gone.push(`${file}: ${mutation}`);
        for (const mutant of found) left.delete(mutant);
        own.push(...found);
      }
    return { why, mutants: own };
  });
  return { explained: explained.filter(({ mutants }) => mutants.length > 0), unexplained: [...left], gone };
}
