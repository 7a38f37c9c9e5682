import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { Batch } from "#events/envelope.ts";
import type { Engine } from "#src/api/engine.ts";
import { median } from "../metric.ts";
import { STEPS_PER_PLAN, throughput } from "../suites/durable.ts";
import type { BenchCoordinator } from "./coordinator.ts";

// What the protocol really sends and appends for a step, looked at from outside while plans run: the raw loop does the same.
//
// T1. Only what is said of steps counts: heartbeats go once a second, however many steps there are.

export const envelope = z.looseObject({ type: z.string(), data: z.looseObject({}) });
export type Message = z.infer<typeof envelope>;

const flow = z.strictObject({ perStep: z.number(), sample: envelope, bytes: z.number() });

/** Messages of one kind: how many for each step, and one of the median size. */
type Flow = z.infer<typeof flow>;

export const traffic = z.strictObject({ run: flow, acknowledged: flow, report: flow, offer: flow, hello: flow });
export type Traffic = z.infer<typeof traffic>;

/** The appends of one plan, in their order. */
export type Appends = readonly Batch[];

const WATCHED_PLANS_EACH = 4;

const SPOKEN = /^planwright\.[^.]+\.(?:command|offer|report)\./;

/** While so many plans are in flight. `connection` is one of its own. */
export async function trafficAt(
  { engine }: Pick<BenchCoordinator, "engine">,
  connection: NatsConnection,
  atOnce: number,
): Promise<Traffic> {
  const seen = new Map<string, Message[]>();
  const subscription = connection.subscribe("planwright.>", {
    callback: (_error, { subject, data }) => {
      // What JetStream answers is no message of the bus.
      if (!SPOKEN.test(subject)) return;
      const read = envelope.parse(JSON.parse(Buffer.from(data).toString("utf8")));
      const kind = read.type.slice("planwright.".length);
      const all = seen.get(kind) ?? [];
      all.push(read);
      seen.set(kind, all);
    },
  });
  await connection.flush();
  const plans = atOnce * WATCHED_PLANS_EACH;
  await throughput(engine, plans, atOnce);
  await connection.flush();
  subscription.unsubscribe();
  const flowOf = (kind: string): Flow => {
    const all = (seen.get(kind) ?? []).map((sample) => ({ sample, bytes: JSON.stringify(sample).length }));
    const middle = median(all.map(({ bytes }) => bytes));
    const [first] = all.toSorted((a, b) => Math.abs(a.bytes - middle) - Math.abs(b.bytes - middle));
    if (first === undefined) return { perStep: 0, sample: { type: kind, data: {} }, bytes: 0 };
    return { perStep: all.length / (plans * STEPS_PER_PLAN), ...first };
  };
  return {
    run: flowOf("run"),
    acknowledged: flowOf("acknowledged"),
    report: flowOf("report"),
    offer: flowOf("offer"),
    hello: flowOf("hello"),
  };
}

/** Of one plan that runs alone. */
export async function appendsOfPlan(
  coordinator: BenchCoordinator,
  run: (engine: Engine) => Promise<void>,
): Promise<Appends> {
  const appends: Batch[] = [];
  coordinator.watchAppends((batch) => appends.push(batch));
  await run(coordinator.engine);
  coordinator.watchAppends(undefined);
  return appends;
}
