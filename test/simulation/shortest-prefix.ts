import { simulate, type SimulationResult } from "./simulate.ts";

// Where a run went wrong: the fewest steps with faults after which it still does, when the faults stop there.
//
// More faults may hide what fewer show, so that halving finds a short prefix that fails, and not surely the shortest one of
// all; what it gives has been run.

export interface FailingPrefix {
  /** Steps before the faults stop. */
  readonly steps: number;
  readonly result: SimulationResult;
}

/** Of a run that broke a rule. Tells `onTry` of every attempt. */
export async function shortestPrefix(
  failed: SimulationResult,
  onTry: (steps: number) => void = () => undefined,
): Promise<FailingPrefix> {
  const { seed } = failed;
  let shortest: FailingPrefix = { steps: failed.faultySteps, result: failed };
  let enough = 0;
  while (enough < shortest.steps) {
    const steps = Math.floor((enough + shortest.steps) / 2);
    onTry(steps);
    const result = await simulate(seed, { maxFaultySteps: steps });
    if (subjectOf(result) === subjectOf(failed)) shortest = { steps, result };
    else enough = steps + 1;
  }
  return shortest;
}

/** Which checker found it. */
function subjectOf({ violation }: SimulationResult): string | undefined {
  return violation?.split(":")[0];
}
