import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { planStream } from "#events/streams.ts";
import { keepHeapSmall } from "#src/ports/system/heap.ts";
import { openBenchEngine, toItsEnd } from "../bench-engine.ts";
import { ratioOfMedians, type Metric, type Suite } from "../metric.ts";
import { startWide, STRETCH, watchStretches, type Stretch } from "../wide-plan.ts";

// One `each` over a million small items, by command only: whether its items take longer as it goes on, and what it takes of
// memory, the list that it was given included. Then the same in a process that is killed on its way, and taken up here.

const ITEMS = 1_000_000;
const TENTH = ITEMS / STRETCH / 10;
const KILLED_AT = 700_000;

export const million: Suite = async (directory) => {
  // As a process of the command line does.
  keepHeapSmall();
  const whole = await runWhole(join(directory, "whole"));
  return [...whole, ...(await takeUp(join(directory, "killed")))];
};

async function runWhole(directory: string): Promise<readonly Metric[]> {
  await using bench = await openBenchEngine(directory);
  const stretches = watchStretches(bench.engine);
  const startedAt = performance.now();
  await toItsEnd(bench.engine, await startWide(bench.engine, ITEMS));
  const rate = (ITEMS / (performance.now() - startedAt)) * 1000;
  const rss = process.resourceUsage().maxRSS / 1024;
  return [
    { suite: "wide", metric: `items_per_s@${ITEMS}`, value: rate, unit: "items/s" },
    slowdown("slowdown", stretches, ({ wallMs }) => wallMs),
    slowdown("cpu_slowdown", stretches, ({ cpuMs }) => cpuMs),
    { suite: "wide", metric: `rss_mib@${ITEMS}`, value: rss, unit: "MiB" },
  ];
}

/** The last tenth of the items over the first. */
function slowdown(name: string, stretches: readonly Stretch[], took: (stretch: Stretch) => number): Metric {
  const pooled = { over: stretches.slice(-TENTH).map(took), under: stretches.slice(0, TENTH).map(took) };
  return { suite: "wide", metric: `${name}@${ITEMS}`, value: ratioOfMedians(pooled), unit: "ratio", pooled };
}

/** Opens what the killed process has left, until the first item that ends here. */
async function takeUp(directory: string): Promise<readonly Metric[]> {
  const script = fileURLToPath(new URL("../killed-run.ts", import.meta.url));
  const items = [`${ITEMS}`, `${KILLED_AT}`];
  try {
    execFileSync(process.execPath, [script, directory, ...items], { stdio: "inherit" });
  } catch (error) {
    if (!(error instanceof Error && "signal" in error && error.signal === "SIGKILL")) throw error;
  }
  const startedAt = performance.now();
  await using bench = await openBenchEngine(directory);
  const [plan] = await bench.engine.interrupted();
  if (plan === undefined) throw new Error("the killed process has left no plan");
  const stream = planStream(plan.plan);
  const head = await bench.store.events.revision(stream);
  const snapshot = await bench.store.snapshots.load(stream);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  bench.engine.onFacts((_plan, facts) => facts.some(({ type }) => type === "StepSucceeded") && resolve(undefined));
  bench.engine.resume(plan.plan);
  await promise;
  const value = performance.now() - startedAt;
  return [
    { suite: "wide", metric: `resume_ms@${KILLED_AT}`, value, unit: "ms" },
    { suite: "wide", metric: `resume_events@${KILLED_AT}`, value: head - (snapshot?.revision ?? -1), unit: "events" },
  ];
}
