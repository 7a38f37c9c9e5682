import type { Engine } from "#src/api/engine.ts";
import { against, type Suite } from "../metric.ts";
import { openBenchEngine, runPlan, sequentialPlan } from "../bench-engine.ts";
import { rawCommitsPerSecond, rawGroupedRecordsPerSecond } from "../raw-limits.ts";
import { bytesPerStep } from "../stored-bytes.ts";

// Durable steps per second: 10 trivial sequential steps a plan, one plan after the other and 50 at once.

export const STEPS_PER_PLAN = 10;
const WARM_UP_PLANS = 1_500;
const PLANS_ALONE = 150;
const PLANS_TOGETHER = 1_500;
export const TOGETHER = 50;

export const durable: Suite = async (directory) => {
  await using bench = await openBenchEngine(directory);
  await throughput(bench.engine, WARM_UP_PLANS, TOGETHER);
  const bytes = await bytesPerStep(bench, STEPS_PER_PLAN);
  const commits = rawCommitsPerSecond(directory, bytes);
  const alone = await throughput(bench.engine, PLANS_ALONE, 1);
  const grouped = rawGroupedRecordsPerSecond(directory, bytes);
  const together = await throughput(bench.engine, PLANS_TOGETHER, TOGETHER);
  return [
    against({ suite: "durable", metric: "steps_per_s@1", value: alone, unit: "steps/s" }, commits),
    against({ suite: "durable", metric: "steps_per_s@50", value: together, unit: "steps/s" }, grouped),
  ];
};

/** Steps per second over so many plans, `atOnce` of them in flight. */
export async function throughput(engine: Engine, plans: number, atOnce: number): Promise<number> {
  const definition = sequentialPlan(STEPS_PER_PLAN);
  let left = plans;
  const startedAt = performance.now();
  const runners = Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await runPlan(engine, definition);
  });
  await Promise.all(runners);
  return ((plans * STEPS_PER_PLAN) / (performance.now() - startedAt)) * 1000;
}
