import { independentPlan, openBenchEngine, runPlan } from "../bench-engine.ts";
import { against, type Suite } from "../metric.ts";
import { throughput, TOGETHER } from "./durable.ts";

// One plan of 10,000 independent steps, held against 50 small plans at once in the same run.

const STEPS = 10_000;
const PLANS_TOGETHER = 1_000;

export const fanout: Suite = async (directory) => {
  await using bench = await openBenchEngine(directory);
  await throughput(bench.engine, PLANS_TOGETHER, TOGETHER);
  const together = await throughput(bench.engine, PLANS_TOGETHER, TOGETHER);
  const startedAt = performance.now();
  await runPlan(bench.engine, independentPlan(STEPS));
  const value = (STEPS / (performance.now() - startedAt)) * 1000;
  const rss = process.resourceUsage().maxRSS / 1024;
  return [
    against({ suite: "fanout", metric: "steps_per_s", value, unit: "steps/s" }, together),
    { suite: "fanout", metric: "rss_mib", value: rss, unit: "MiB" },
  ];
};
