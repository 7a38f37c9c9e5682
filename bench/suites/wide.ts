import { openBenchEngine, toItsEnd } from "../bench-engine.ts";
import { against, type Suite } from "../metric.ts";
import { startWide } from "../wide-plan.ts";
import { throughput, TOGETHER } from "./durable.ts";

// One `each` over 100,000 small items, held against 50 small plans at once in the same run.

const ITEMS = 100_000;
const PLANS_TOGETHER = 1_000;

export const wide: Suite = async (directory) => {
  await using bench = await openBenchEngine(directory);
  await throughput(bench.engine, PLANS_TOGETHER, TOGETHER);
  const together = await throughput(bench.engine, PLANS_TOGETHER, TOGETHER);
  const startedAt = performance.now();
  await toItsEnd(bench.engine, await startWide(bench.engine, ITEMS));
  const value = (ITEMS / (performance.now() - startedAt)) * 1000;
  return [against({ suite: "wide", metric: `items_per_s@${ITEMS}`, value, unit: "items/s" }, together)];
};
