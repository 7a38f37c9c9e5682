import type { RecordedEvent } from "#events/envelope.ts";
import { World } from "#src/simulation/world.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import { Violation } from "./checkers/checker.ts";
import { goOnFromPrefix } from "./prefixes.ts";
import { MAX_STEPS, WholeRun } from "./whole-run.ts";

// One seed, one run, with its figures.

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  readonly plans: number;
  readonly events: number;
  readonly executions: number;
  readonly crashes: number;
  /** Facts by type. */
  readonly facts: Readonly<Record<string, number>>;
  /** The steps before faults stopped. */
  readonly faultySteps: number;
  readonly violation?: string;
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  /** Every fact goes into the trace as well. */
  readonly withFacts?: boolean;
  /** Faults stop after so many steps at the latest; default: when a minute has passed. */
  readonly maxFaultySteps?: number;
}

/** How often a system also goes on from some of its log. */
const PREFIX_CHANCE = 0.3;

export async function simulate(
  seed: number,
  { withFacts = false, maxFaultySteps = MAX_STEPS }: SimulationOptions = {},
): Promise<SimulationResult> {
  const world = new World(seed);
  const run = new WholeRun(world, { maxFaultySteps });
  if (withFacts) run.noteFacts();
  const steps = { beyond: 0 };
  const violation = await violationIn(async () => {
    await run.toTheEnd();
    if (world.random.chance(PREFIX_CHANCE)) steps.beyond = await goOnFromPrefix(run, world);
  });
  const { log } = run.cluster.contents;
  return {
    seed,
    steps: world.steps + steps.beyond,
    plans: run.plans.length,
    events: log.length,
    executions: run.account.executions.length,
    crashes: world.trace.filter((line) => line.includes(" dies")).length,
    facts: countsOf(eventsAt(log)),
    faultySteps: run.faultySteps ?? world.steps,
    ...(violation === undefined ? {} : { violation }),
    trace: world.trace,
  };
}

async function violationIn(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error.message;
    throw error;
  }
}

function countsOf(events: readonly RecordedEvent[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
