import { ratioOfMedians, type Metric, type Suite } from "../metric.ts";
import { INPUTS, openBenchEngine, sequentialPlan, type BenchEngine } from "../bench-engine.ts";

// The cost of a step as a plan grows: one plan of 10,000 sequential steps. What is divided are medians, so that a
// snapshot or a pause of the machine in one place does not decide.

const STEPS = 10_000;
const RESTART_AT = 7_000;

export const flat: Suite = async (directory) => {
  const whole = await measure(`${directory}/whole`, STEPS);
  const restarted = await measure(`${directory}/restarted`, RESTART_AT);
  const metrics: Metric[] = [
    ratioOf("last_over_first", whole.durations),
    ratioOf("last_over_first_restart", restarted.durations),
    { suite: "flat", metric: "touched_max", value: Math.max(whole.touched, restarted.touched), unit: "records/event" },
  ];
  return metrics;
};

interface Measured {
  /** Milliseconds from the success of the step before to that of this one, by number of the step. */
  readonly durations: readonly number[];
  readonly touched: number;
}

/** Runs the plan; at `restartAt` steps the engine is closed and another one goes on. */
async function measure(directory: string, restartAt: number): Promise<Measured> {
  const durations: number[] = [];
  const watched = { durations, touched: 0 };
  const first = await openBenchEngine(directory);
  const reached = watch(first, watched, restartAt);
  const plan = await first.engine.start(sequentialPlan(STEPS), INPUTS);
  await reached;
  await first[Symbol.asyncDispose]();
  if (restartAt < STEPS) {
    await using second = await openBenchEngine(directory);
    const ended = watch(second, watched, STEPS);
    second.engine.resume(plan);
    await ended;
  }
  return watched;
}

function watch(
  { engine }: BenchEngine,
  watched: { durations: number[]; touched: number },
  until: number,
): Promise<void> {
  let last = performance.now();
  let touchedBefore: number | undefined;
  return new Promise((resolve) => {
    const subscription = engine.onFacts((_plan, facts, state) => {
      const now = performance.now();
      for (const fact of facts) if (fact.type === "StepSucceeded") watched.durations.push(now - last);
      last = now;
      // The first turn gives every step its record, and a resumed one folds what came before: neither is a step's cost.
      if (touchedBefore !== undefined)
        watched.touched = Math.max(watched.touched, (state.touched - touchedBefore) / facts.length);
      touchedBefore = state.touched;
      if (watched.durations.length < until) return;
      subscription[Symbol.dispose]();
      resolve();
    });
  });
}

function ratioOf(metric: string, durations: readonly number[]): Metric {
  const pooled = { over: durations.slice(7_000, 10_000), under: durations.slice(1_000, 4_000) };
  return { suite: "flat", metric, value: ratioOfMedians(pooled), unit: "ratio", pooled };
}
