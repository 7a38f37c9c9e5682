import type { CoverageData, MutantCoverage } from "@stryker-mutator/api/core";

// What the instrumented sources share with the runner: which mutant is active, and which were reached by whom. A source keeps
// the coverage object that it found first, so its parts are replaced and never the whole.

interface Instrumentation {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number | undefined;
  hitLimit: number | undefined;
  mutantCoverage: MutantCoverage;
}

declare global {
  var __stryker__: Partial<Instrumentation> | undefined;
}

export function instrumentation(): Partial<Instrumentation> & Pick<Instrumentation, "mutantCoverage"> {
  const shared = (globalThis.__stryker__ ??= {});
  const mutantCoverage = (shared.mutantCoverage ??= { static: {}, perTest: {} });
  return Object.assign(shared, { mutantCoverage });
}

export function clearCoverage(): void {
  const { mutantCoverage } = instrumentation();
  mutantCoverage.static = {};
  mutantCoverage.perTest = {};
}

/** What is reached while `act` runs, by no test. */
export async function reachedWithin(act: () => Promise<unknown>): Promise<CoverageData> {
  const { mutantCoverage } = instrumentation();
  const before = mutantCoverage.static;
  const reached: CoverageData = {};
  mutantCoverage.static = reached;
  try {
    await act();
  } finally {
    mutantCoverage.static = before;
  }
  return reached;
}

/** Counts of both, in a new table. */
export function together(one: CoverageData, other: CoverageData): CoverageData {
  const all = { ...one };
  for (const [mutant, hits] of Object.entries(other)) all[mutant] = (all[mutant] ?? 0) + hits;
  return all;
}
