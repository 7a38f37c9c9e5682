import process from "node:process";
import { fileURLToPath } from "node:url";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { newBatchId, newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import type { EncodedEvent } from "#events/envelope.ts";
import { planStream } from "#events/streams.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { Program } from "../../examples/distributed/tour/program.ts";
import { STEPS_PER_PLAN } from "../suites/durable.ts";
import { envelope, type Appends, type Message, type Traffic } from "./traffic.ts";

// The limit: the messages of the protocol over the same server to a bare process, and the appends of the same plans to the same
// store, by a loop that decides nothing. Messages are made from values and read into values, as any program would.
//
// R1. As many messages of each kind, of the same size, and the same appends with the same facts.
// R2. A step's run goes out when the append with its dispatch was answered, its acknowledgement when that with its success was.

export interface RawLoopOptions {
  readonly nats: { readonly url: string; readonly token: string };
  readonly events: EventStore;
  readonly appends: Appends;
  readonly traffic: Traffic;
}

const dispatched = z.object({ step: z.string() });
const attempt = z.object({ plan: z.string(), step: z.string() });

const EXECUTOR = fileURLToPath(new URL("raw-executor.ts", import.meta.url));

export class RawLoop implements AsyncDisposable {
  private readonly options: RawLoopOptions;
  private readonly connection: NatsConnection;
  private readonly executor: Program;
  private readonly waiting = new Map<string, () => void>();
  private readonly owed = { acknowledged: 0, hello: 0 };

  private constructor(options: RawLoopOptions, connection: NatsConnection, executor: Program) {
    this.options = options;
    this.connection = connection;
    this.executor = executor;
    connection.subscribe("raw.report", { callback: (_error, { data }) => this.report(data) });
    connection.subscribe("raw.offer", { callback: (_error, { data }) => void read(data) });
  }

  static async start(options: RawLoopOptions, signal: AbortSignal): Promise<RawLoop> {
    const { nats, traffic } = options;
    const given = JSON.stringify({ ...nats, traffic });
    const executor = new Program("raw executor", [process.execPath, EXECUTOR, given]);
    await executor.first((line) => (line === "ready" ? true : undefined), signal);
    return new RawLoop(options, await connect({ servers: nats.url, token: nats.token }), executor);
  }

  /** Steps a second over so many plans, `atOnce` of them in flight. */
  async throughput(plans: number, atOnce: number): Promise<number> {
    let left = plans;
    const startedAt = performance.now();
    const runners = Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await this.plan();
    });
    await Promise.all(runners);
    return ((plans * STEPS_PER_PLAN) / (performance.now() - startedAt)) * 1_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
    await this.executor.end();
  }

  private async plan(): Promise<void> {
    const plan = newPlanId(systemClock.now(), systemRandom.bytes(RANDOM_BYTES_PER_ID));
    const stream = planStream(plan);
    let reported: Promise<undefined> | undefined;
    for (const batch of this.options.appends) {
      const isAnswer = batch.events.some(({ type }) => type === "StepSucceeded");
      if (isAnswer) await reported;
      const id = newBatchId(systemClock.now(), systemRandom.bytes(RANDOM_BYTES_PER_ID));
      await this.options.events.append({ ...batch, id, stream, origin: { ...batch.origin, batch: id } });
      for (const event of batch.events) if (event.type === "StepDispatched") reported = this.run(plan, event);
      if (isAnswer) this.acknowledge();
    }
  }

  /** Resolves when its report has come. */
  private run(plan: PlanId, { data }: EncodedEvent): Promise<undefined> {
    const { step } = dispatched.parse(data);
    const { sample } = this.options.traffic.run;
    const key = { plan, step, attempt: 1, epoch: 1, edition: 1 };
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.waiting.set(nameOf(key), () => resolve(undefined));
    this.say({ ...sample, data: { ...sample.data, key } });
    return promise;
  }

  private report(data: Uint8Array): void {
    const name = nameOf(attempt.parse(read(data).data["key"]));
    this.waiting.get(name)?.();
    this.waiting.delete(name);
  }

  private acknowledge(): void {
    const { traffic } = this.options;
    for (const kind of ["acknowledged", "hello"] as const) {
      for (this.owed[kind] += traffic[kind].perStep; this.owed[kind] >= 1; this.owed[kind]--)
        this.say(traffic[kind].sample);
    }
  }

  private say(said: object): void {
    this.connection.publish("raw.command", JSON.stringify(said));
  }
}

function read(data: Uint8Array): Message {
  return envelope.parse(JSON.parse(Buffer.from(data).toString("utf8")));
}

function nameOf({ plan, step }: z.infer<typeof attempt>): string {
  return `${plan}/${step}`;
}
