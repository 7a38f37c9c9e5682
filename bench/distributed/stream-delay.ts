import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "#src/api/client.ts";
import { connectHttp } from "#src/client/http.ts";
import { connectNats } from "#src/client/nats-client.ts";
import type { Installation } from "../../examples/distributed/tour/installation.ts";
import { echo } from "../bench.tools.ts";
import { quantile } from "../quantile.ts";
import { STEPS_PER_PLAN } from "../suites/durable.ts";
import { settingsFor } from "./coordinator.ts";

// From the moment that a fact says is its own, which is before its commit, to the moment at which a subscriber in another process
// has it: over NATS and over server-sent events at once, while plans run on workers.

/** Facts of a plan: drafted, started, ended, and two of each step. */
const FACTS_PER_PLAN = 3 + 2 * STEPS_PER_PLAN;
export const FACTS_PER_S = 500;
const PLANS_PER_S = FACTS_PER_S / FACTS_PER_PLAN;
const WARM_UP_S = 3;
const MEASURED_S = 10;
const LOOKS_EVERY_MS = 5;

export interface Delays {
  /** Milliseconds, of all that was seen after the warm-up. */
  readonly nats: number;
  readonly sse: number;
}

/** The 99th percentile of each. */
export async function streamDelays(installation: Installation, signal: AbortSignal): Promise<Delays> {
  const [coordinator] = await installation.startCoordinators(signal);
  const url = coordinator === undefined ? undefined : installation.urls.get(coordinator);
  if (url === undefined) throw new Error("no coordinator serves");
  await using overNats = await connectNats({ ...settingsFor(installation.access), principal: "bench" });
  using overHttp = connectHttp({ url });
  const over = new AbortController();
  const nats = delaysOf(overNats, over.signal);
  const sse = delaysOf(overHttp, over.signal);
  await load(overHttp, signal);
  // What the last plans led to has come by then, or is late.
  await sleep(1_000, undefined, { signal });
  over.abort();
  return { nats: ninetyNinth(await nats), sse: ninetyNinth(await sse) };
}

/** Until it is told to stop; all that came. */
async function delaysOf(client: Client, signal: AbortSignal): Promise<readonly number[]> {
  const delays: number[] = [];
  try {
    for await (const { at } of client.events({}, { signal })) delays.push(Date.now() - at);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return delays;
}

/** Plans at a steady rate, whatever becomes of them. */
async function load(client: Client, signal: AbortSignal): Promise<void> {
  const source = sequence();
  const startedAt = performance.now();
  const asked: Promise<unknown>[] = [];
  const wanted = (WARM_UP_S + MEASURED_S) * PLANS_PER_S;
  while (asked.length < wanted) {
    const due = Math.min(wanted, ((performance.now() - startedAt) / 1_000) * PLANS_PER_S);
    while (asked.length < due) asked.push(client.submit({ source }));
    await sleep(LOOKS_EVERY_MS, undefined, { signal });
  }
  await Promise.all(asked);
}

function ninetyNinth(delays: readonly number[]): number {
  const warm = delays.slice(WARM_UP_S * FACTS_PER_S).sort((a, b) => a - b);
  const least = (MEASURED_S * FACTS_PER_S) / 2;
  if (warm.length < least) throw new Error(`a subscriber saw ${warm.length} facts where ${least} are too few`);
  return quantile(warm, 0.99) ?? NaN;
}

/** Steps that each get what the one before gave. */
function sequence(): string {
  const steps = Array.from({ length: STEPS_PER_PLAN }, (_, index) => {
    const value = index === 0 ? "begin" : `\${steps.s${index - 1}.output}`;
    return `  s${index}: { tool: ${echo.name}, with: { value: "${value}" } }\n`;
  });
  return `plan: ten\nsteps:\n${steps.join("")}`;
}
