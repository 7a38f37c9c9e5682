import { rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { StandIn } from "../../test/store/kurrent/stand-in.ts";
import type { Installation } from "../../examples/distributed/tour/installation.ts";
import { logPlaceOn, type LogPlace } from "../../examples/distributed/tour/log-place.ts";
import { natsVersion } from "../../examples/distributed/tour/nats-server.ts";
import { failovers } from "../distributed/failover.ts";
import { handovers, type Ending } from "../distributed/handover.ts";
import { installed, NATS_SERVER } from "../distributed/installed.ts";
import { stepRates } from "../distributed/step-rates.ts";
import { FACTS_PER_S, streamDelays } from "../distributed/stream-delay.ts";
import { median, type Metric, type Suite } from "../metric.ts";

// Planwright over a real nats-server, with workers as processes of their own. What is missing is left out with a sentence.
//
// D1. Where PLANWRIGHT_KURRENTDB_URL names no server, two coordinators share a log on the stand-in that the tests have, and the
//     metrics say so: it keeps everything in memory.

const SLOTS = 64;
const FEW_SLOTS = 16;
const HANDOVERS = 5;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const WITHIN_MS = 20 * 60_000;

export const distributed: Suite = async (directory) => {
  if (natsVersion(NATS_SERVER) === undefined) {
    say(`skipped: ${NATS_SERVER} is missing; install it: sudo apt-get install nats-server`);
    return [];
  }
  const interruption = new AbortController();
  const stop = (): void => interruption.abort(new Error("interrupted"));
  for (const name of SIGNALS) process.once(name, stop);
  const signal = AbortSignal.any([interruption.signal, AbortSignal.timeout(WITHIN_MS)]);
  try {
    return [
      ...(await rates(directory, signal)),
      ...(await failover(directory, signal)),
      ...(await handover(directory, signal)),
      ...(await streams(directory, signal)),
    ];
  } finally {
    if (interruption.signal.aborted) rmSync(directory, { recursive: true, force: true });
    for (const name of SIGNALS) process.off(name, stop);
  }
};

async function rates(directory: string, signal: AbortSignal): Promise<readonly Metric[]> {
  say("steps a second over NATS and the embedded store, in turn with the raw loop");
  await using installation = await installed({ directory, signal, workers: 1, slots: SLOTS });
  const folders = [path.join(directory, "store"), path.join(directory, "raw-store")] as const;
  const embedded = await stepRates({ name: "nats", installation, stores: folders, directory, signal });
  const url = kurrentUrl();
  if (url === undefined) {
    say("kurrent_steps_per_s is left out: PLANWRIGHT_KURRENTDB_URL names no server");
    return embedded;
  }
  say("steps a second over NATS and the server of PLANWRIGHT_KURRENTDB_URL, in turn with the raw loop");
  const places = [logPlaceOn(url), logPlaceOn(url)] as const;
  Object.assign(process.env, places[0].env);
  const stores = [places[0].store, places[1].store] as const;
  return [...embedded, ...(await stepRates({ name: "kurrent", installation, stores, directory, signal }))];
}

async function failover(directory: string, signal: AbortSignal): Promise<readonly Metric[]> {
  say("a worker is killed while it runs a step");
  await using installation = await installed({ directory, signal, workers: 2, slots: FEW_SLOTS });
  return seconds("failover", await failovers({ installation, directory, signal }));
}

async function handover(directory: string, signal: AbortSignal): Promise<readonly Metric[]> {
  const url = kurrentUrl();
  await using standIn = url === undefined ? await new StandIn().listen() : undefined;
  const log = logPlaceOn(url ?? standIn?.url ?? "");
  const where = standIn === undefined ? "" : "@stand-in";
  return [
    ...(await handoverBy("kill", where, { directory, log, signal })),
    ...(await handoverBy("stop", where, { directory, log, signal })),
  ];
}

interface HandoverPlace {
  readonly directory: string;
  readonly log: LogPlace;
  readonly signal: AbortSignal;
}

async function handoverBy(
  how: Ending,
  where: string,
  { directory, log, signal }: HandoverPlace,
): Promise<readonly Metric[]> {
  say(`the coordinator of a running plan ${how === "kill" ? "is killed" : "is told to stop"}`);
  await using installation = await installed({ directory, signal, log, workers: 2, slots: FEW_SLOTS });
  await installation.startCoordinators(signal);
  return seconds(`handover_${how}`, await handovers(how, { installation, times: HANDOVERS, signal }), where);
}

async function streams(directory: string, signal: AbortSignal): Promise<readonly Metric[]> {
  say(`facts seen by subscribers, ${FACTS_PER_S} a second`);
  await using installation: Installation = await installed({ directory, signal, workers: 2, slots: FEW_SLOTS });
  const { nats, sse } = await streamDelays(installation, signal);
  return [
    { suite: "distributed", metric: "stream_p99_ms@nats", value: nats, unit: "ms" },
    { suite: "distributed", metric: "stream_p99_ms@sse", value: sse, unit: "ms" },
  ];
}

function seconds(what: string, times: readonly number[], where = ""): readonly Metric[] {
  say(`${what}: ${times.map((time) => time.toFixed(2)).join(" ")} s`);
  return [
    { suite: "distributed", metric: `${what}_s${where}`, value: median(times), unit: "s" },
    { suite: "distributed", metric: `${what}_max_s${where}`, value: Math.max(...times), unit: "s" },
  ];
}

function kurrentUrl(): string | undefined {
  const url = process.env["PLANWRIGHT_KURRENTDB_URL"];
  return url === "" ? undefined : url;
}

function say(text: string): void {
  process.stderr.write(`distributed: ${text}\n`);
}
