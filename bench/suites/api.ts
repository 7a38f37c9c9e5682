import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { remoteClient, type RemoteClient } from "#src/client/remote.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { fillStore } from "../fill-store.ts";
import { median, type Suite } from "../metric.ts";

// The API as another program has it: `planwright serve` as a process of its own, asked over its local socket and watched
// over server-sent events.

const BIN = fileURLToPath(new URL("../../src/cli/planwright.cjs", import.meta.url));

const PLANS_LISTED = 10_000;
const EVENTS_A_PLAN = 23;
const PAGE = 100;
const LISTS = 21;
const STARTS = 300;
const WARM_UP = 50;
const FACTS_PER_S = 500;
const FACTS_FOR_S = 5;
const WAITING_PLANS = 20;

const TINY = 'plan: tiny\ninputs:\n  n: { type: integer }\nsteps:\n  a: { value: "${inputs.n}" }\n';
const WAITING = "plan: waiting\nsteps:\n  go: { signal: go }\n";

export const api: Suite = async (directory) => {
  const store = join(directory, "store");
  await fillStore(store, { events: PLANS_LISTED * EVENTS_A_PLAN, livePlans: 0 });
  const server = await serving(store);
  try {
    using client = remoteClient({ socket: socketOf(store) }, { clock: systemClock });
    return [
      { suite: "api", metric: `list_ms@${PLANS_LISTED}`, value: await listing(client, PLANS_LISTED), unit: "ms" },
      { suite: "api", metric: `page_ms@${PLANS_LISTED}`, value: await listing(client, PAGE), unit: "ms" },
      { suite: "api", metric: "start_ms_p50", value: await starting(client), unit: "ms" },
      { suite: "api", metric: `sse_ms_p99@${FACTS_PER_S}`, value: await following(client), unit: "ms" },
    ];
  } finally {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
};

/** So many plans in one answer. */
async function listing(client: RemoteClient, limit: number): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < LISTS; time++) {
    const startedAt = performance.now();
    const { plans } = await client.list({ limit });
    times.push(performance.now() - startedAt);
    if (plans.length !== limit) throw new Error(`${plans.length} plans were listed`);
  }
  return median(times);
}

/** From the question to the answer that a plan has begun durably, one plan at a time. */
async function starting(client: RemoteClient): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const startedAt = performance.now();
    await client.submit({ source: TINY, inputs: { n } });
    times.push(performance.now() - startedAt);
  }
  return median(times.slice(WARM_UP));
}

/** From the moment that a fact records as its own to the moment at which a subscriber has it. */
async function following(client: RemoteClient): Promise<number> {
  const plans: string[] = [];
  for (let n = 0; n < WAITING_PLANS; n++) plans.push((await client.submit({ source: WAITING })).plan);
  const { head } = await client.status({});
  const stop = new AbortController();
  const delays: number[] = [];
  const wanted = FACTS_PER_S * FACTS_FOR_S;
  const subscribed = (async () => {
    for await (const { type, at } of client.events({ after: head }, { signal: stop.signal })) {
      if (type === "SignalReceived") delays.push(Date.now() - at);
      if (delays.length === wanted) break;
    }
  })();
  await sendingAtRate(client, plans, wanted);
  await subscribed;
  stop.abort();
  return percentile(delays, 0.99);
}

async function sendingAtRate(client: RemoteClient, plans: readonly string[], count: number): Promise<void> {
  const startedAt = performance.now();
  const sent: Promise<unknown>[] = [];
  while (sent.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) / 1_000) * FACTS_PER_S));
    while (sent.length < due) {
      const plan = plans[sent.length % plans.length] ?? "";
      sent.push(client.signal({ plan, name: "noise", payload: sent.length }));
    }
    await sleep(1);
  }
  await Promise.all(sent);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function serving(store: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [BIN, "serve", "--store", store], { stdio: ["ignore", "pipe", "ignore"] });
  // Whatever ends this process ends that one.
  process.once("exit", () => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

function socketOf(store: string): string {
  const holder: unknown = JSON.parse(readFileSync(join(store, "holder.json"), "utf8"));
  const isNamed = typeof holder === "object" && holder !== null && "socket" in holder;
  return isNamed && typeof holder.socket === "string" ? holder.socket : "";
}
