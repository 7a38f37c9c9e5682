// Runs of a property in the killing suite: few, and from one seed. A mutant is killed by the first counterexample, so nothing is
// made smaller.

interface Runs {
  readonly numRuns?: number;
  readonly seed?: number;
}

const MOST_RUNS = 12;
const USUAL_RUNS = 100;
const SEED = 20260101;

/** What a property is run with instead. */
export function fewRuns(given?: Runs): Runs & { readonly seed: number; readonly endOnFailure: boolean } {
  const numRuns = Math.min(given?.numRuns ?? USUAL_RUNS, MOST_RUNS);
  return { ...given, numRuns, seed: SEED, endOnFailure: true };
}
