import { DatabaseSync } from "node:sqlite";
import type { PlanId } from "#events/ids.ts";
import { planOfStream } from "#events/streams.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { openBenchEngine, type BenchEngine } from "../bench-engine.ts";
import { against, type Suite } from "../metric.ts";
import { throughput, TOGETHER } from "./durable.ts";

// Events folded per second from the file, held against reading the same rows and parsing their JSON.
// Many small plans, so that loading each one's definition and graph counts as well.

const PLANS = 1_500;

export const replay: Suite = async (directory) => {
  await using bench = await openBenchEngine(directory);
  await throughput(bench.engine, PLANS, TOGETHER);
  const plans = await plansIn(bench);
  await foldAll(bench, plans.slice(0, plans.length / 4));
  const parsed = parseRows(bench.store.path);
  const folded = await foldAll(bench, plans);
  return [against({ suite: "replay", metric: "events_per_s", value: folded, unit: "events/s" }, parsed)];
};

async function plansIn({ store }: BenchEngine): Promise<PlanId[]> {
  const plans: PlanId[] = [];
  for await (const event of store.events.readAll()) {
    const plan = event.type === "PlanDrafted" ? planOfStream(event.stream) : undefined;
    if (plan !== undefined) plans.push(plan);
  }
  return plans;
}

async function foldAll({ store }: BenchEngine, plans: readonly PlanId[]): Promise<number> {
  const startedAt = performance.now();
  let events = 0;
  for (const plan of plans) {
    // Its own, because plans that share one share what was prepared of their definitions.
    const payloads = new Payloads(memoryBlobs());
    const state = await loadPlan(plan, { events: store.events, payloads });
    events += state.revision + 1;
  }
  return (events / (performance.now() - startedAt)) * 1000;
}

/** Events per second when the rows are only read, whole, and their two JSON texts parsed. */
export function parseRows(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("select * from appends order by position");
  const startedAt = performance.now();
  let events = 0;
  for (const row of rows.iterate()) {
    JSON.parse(String(row["origin"]));
    events += (JSON.parse(String(row["events"])) as unknown[]).length;
  }
  return (events / (performance.now() - startedAt)) * 1000;
}
