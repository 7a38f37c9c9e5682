import { setTimeout as sleep } from "node:timers/promises";
import { connectNats, type NatsClient } from "#src/client/nats-client.ts";
import { hasEndedPlan } from "../../examples/distributed/tour/facts.ts";
import type { Installation } from "../../examples/distributed/tour/installation.ts";
import type { Seen } from "../../examples/distributed/tour/witness.ts";
import { pause } from "../bench.tools.ts";
import { settingsFor } from "./coordinator.ts";

// Two coordinators share the plans, and the one that owns a running plan ends: how long until the other one tells the plan's next
// fact. Steps are short, so that hardly anything but the handover is measured.

const STEPS = 120;
const STEP_MS = 20;
/** Steps that have ended before the coordinator does. */
const ENDED_BEFORE = 10;
/** The new one has its share by then, so that nothing else moves. */
const SETTLES_MS = 3_000;

export type Ending = "kill" | "stop";

export interface HandoverOptions {
  readonly installation: Installation;
  readonly times: number;
  readonly signal: AbortSignal;
}

/** Seconds from the signal (SIGKILL, or SIGTERM) to the next fact, of each time. */
export async function handovers(how: Ending, options: HandoverOptions): Promise<readonly number[]> {
  const { installation, times, signal } = options;
  await using client = await connectNats({ ...settingsFor(installation.access), principal: "bench" });
  const all: number[] = [];
  while (all.length < times) {
    await sleep(SETTLES_MS, undefined, { signal });
    all.push(await handover(how, client, options));
  }
  return all;
}

async function handover(how: Ending, client: NatsClient, { installation, signal }: HandoverOptions): Promise<number> {
  const { witness } = installation;
  const { plan } = await client.submit({ source: source() });
  const isMeant = ({ fact }: Seen): boolean => fact.plan === plan;
  const { by: owner } = await witness.first(
    (seen) => isMeant(seen) && seen.fact.type === "StepSucceeded" && seen.fact.data.step === `s${ENDED_BEFORE}`,
    signal,
  );
  const endedAt = performance.now();
  const ended = how === "kill" ? owner.kill() : owner.end();
  await witness.first((seen) => isMeant(seen) && seen.by !== owner, signal);
  const seconds = (performance.now() - endedAt) / 1_000;
  await ended;
  await installation.startCoordinator(owner.name, signal);
  await witness.first((seen) => isMeant(seen) && hasEndedPlan(seen.fact), signal);
  return seconds;
}

function source(): string {
  const steps = Array.from({ length: STEPS }, (_, index) => {
    const needs = index === 0 ? "" : `, needs: [s${index - 1}]`;
    return `  s${index}: { tool: ${pause.name}, with: { ms: ${STEP_MS} }${needs} }\n`;
  });
  return `plan: steady\nsteps:\n${steps.join("")}`;
}
