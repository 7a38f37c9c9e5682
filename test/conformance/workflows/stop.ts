import { SeededRandom } from "#src/testing/seeded-random.ts";
import { STOPS, type Stop } from "./run-workflow.ts";
import type { Workflow } from "./workflow.ts";

// Where a workflow is stopped, by a seed.

/** What a run without a stop has beside two facts a task: drafted, started, succeeded. */
const FACTS_OF_PLAN = 3;

/** After a tenth to nine tenths of its facts, each kind of stop in turn. */
export function stopOf({ tasks }: Workflow, seed: number): Stop {
  const random = new SeededRandom(seed, 1);
  const facts = 2 * tasks.length + FACTS_OF_PLAN;
  const afterFacts = random.int(Math.ceil(facts * 0.1), Math.floor(facts * 0.9));
  const kind = STOPS[seed % STOPS.length] ?? "closed";
  return { afterFacts, kind };
}
