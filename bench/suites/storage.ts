import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openBenchEngine, type BenchEngine } from "../bench-engine.ts";
import { fillStore } from "../fill-store.ts";
import type { Metric, Suite } from "../metric.ts";
import { STEPS_PER_PLAN, throughput, TOGETHER } from "./durable.ts";

// Bytes on the disk per step, whether they grow in a straight line, and what a large store costs to open.
// The large store is opened in a process of its own, so that its memory holds nothing of the filling.

const PLANS = 1_000;
const EVENTS = 1_000_000;
const LIVE_PLANS = 10;

export const storage: Suite = async (directory) => {
  const [first, second] = await grow(`${directory}/growing`);
  const large = `${directory}/large`;
  await fillStore(large, { events: EVENTS, livePlans: LIVE_PLANS });
  const opened = openInOwnProcess(large);
  const metrics: Metric[] = [
    { suite: "storage", metric: "bytes_per_step", value: second, unit: "bytes" },
    { suite: "storage", metric: "bytes_growth", value: second / first, unit: "ratio" },
    { suite: "storage", metric: "open_1m_ms", value: opened.openMs, unit: "ms" },
    { suite: "storage", metric: "open_1m_rss_mib", value: opened.rssMib, unit: "MiB" },
  ];
  return metrics;
};

/** Bytes a step after the first half of the plans, and of the second half alone: equal when storage is linear. */
async function grow(directory: string): Promise<[number, number]> {
  await using bench = await openBenchEngine(directory);
  await throughput(bench.engine, PLANS, TOGETHER);
  const half = await fileBytes(bench);
  await throughput(bench.engine, PLANS, TOGETHER);
  const whole = await fileBytes(bench);
  const steps = PLANS * STEPS_PER_PLAN;
  return [half / steps, (whole - half) / steps];
}

async function fileBytes({ store }: BenchEngine): Promise<number> {
  await store.checkpoint();
  return statSync(store.path).size;
}

function openInOwnProcess(directory: string): { openMs: number; rssMib: number } {
  const script = fileURLToPath(new URL("../open-store.ts", import.meta.url));
  const answer: unknown = JSON.parse(execFileSync(process.execPath, [script, directory], { encoding: "utf8" }));
  return answer as { openMs: number; rssMib: number };
}
