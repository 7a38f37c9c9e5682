import path from "node:path";
import { connect } from "@nats-io/transport-node";
import { openStore } from "#src/open-store.ts";
import type { Installation } from "../../examples/distributed/tour/installation.ts";
import { runPlan, sequentialPlan } from "../bench-engine.ts";
import { median, type Metric } from "../metric.ts";
import { STEPS_PER_PLAN, throughput, TOGETHER } from "../suites/durable.ts";
import { openCoordinator, type BenchCoordinator } from "./coordinator.ts";
import { RawLoop } from "./raw-loop.ts";
import { appendsOfPlan, trafficAt, type Appends } from "./traffic.ts";

// Steps a second over NATS, held against the raw loop over the same server and a store of the same kind in the same minutes.
//
// S1. Both are measured in turn, several times: the ratio of neighbours counts, because the machine has other things to do as well.
// S2. The raw loop has a store of its own, so that nobody reads what it appends.

const WARM_UP_PLANS = 1_500;
const ROUNDS = 5;
/** Plans of one stretch, by how many are in flight. */
const PLANS = new Map([
  [1, 100],
  [TOGETHER, 600],
]);

export interface RatesOptions {
  /** Of the metrics: `nats`, `kurrent`. */
  readonly name: string;
  readonly installation: Installation;
  /** Two places for a log of the same kind: folders, or addresses of one server. */
  readonly stores: readonly [coordinators: string, raw: string];
  readonly directory: string;
  readonly signal: AbortSignal;
}

export async function stepRates(options: RatesOptions): Promise<readonly Metric[]> {
  const { installation, stores, name } = options;
  const local = path.join(options.directory, name);
  await using coordinator = await openCoordinator({ store: stores[0], local, nats: installation.access });
  await throughput(coordinator.engine, WARM_UP_PLANS, TOGETHER);
  const appends = await appendsOfPlan(coordinator, (engine) => runPlan(engine, sequentialPlan(STEPS_PER_PLAN)));
  const metrics: Metric[] = [];
  for (const [atOnce, plans] of PLANS) {
    options.signal.throwIfAborted();
    metrics.push(await rateAt({ ...options, coordinator, appends, atOnce, plans }));
  }
  return metrics;
}

interface RateOptions extends RatesOptions {
  readonly coordinator: BenchCoordinator;
  readonly appends: Appends;
  readonly atOnce: number;
  readonly plans: number;
}

async function rateAt({ coordinator, appends, atOnce, plans, ...options }: RateOptions): Promise<Metric> {
  const { installation, stores, name, directory, signal } = options;
  const nats = installation.access;
  const watching = await connect({ servers: nats.url, token: nats.token });
  const traffic = await trafficAt(coordinator, watching, atOnce);
  await watching.close();
  const local = path.join(directory, `${name}-raw`);
  await using store = await openStore({ store: stores[1], local, command: "bench" });
  await using raw = await RawLoop.start({ nats, events: store.events, appends, traffic }, signal);
  await raw.throughput(2 * plans, atOnce);
  const rates: number[] = [];
  const limits: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    signal.throwIfAborted();
    limits.push(await raw.throughput(plans, atOnce));
    rates.push(await throughput(coordinator.engine, plans, atOnce));
  }
  const ratio = median(rates.map((rate, round) => rate / (limits[round] ?? NaN)));
  const metric = `${name}_steps_per_s@${atOnce}`;
  return { suite: "distributed", metric, value: median(rates), unit: "steps/s", limit: median(limits), ratio };
}
