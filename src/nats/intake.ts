import type { Consumer, ConsumerInfo, JsMsg } from "@nats-io/jetstream";
import { Fault } from "#events/fault.ts";
import { answerOf, type CallHandler } from "#src/ports/calls.ts";
import { sleep, type Timer } from "#src/ports/clock.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { isJetStreamError, JETSTREAM, natsFault } from "#src/nats/faults.ts";
import {
  intakeRequest,
  openRefusals,
  openRequests,
  readAs,
  refusalSubject,
  written,
  type Refusal,
} from "#src/nats/intake-streams.ts";
import { madeInTurn } from "#src/nats/making-in-turn.ts";
import type { OpenedStream } from "#src/nats/streams.ts";
import { principalOf } from "#src/nats/principal.ts";

// Takes requests that were published while no coordinator was up, and those that come now.
//
// I1. A request is acknowledged after its plan's beginning is durable; the plan's id follows from its key, so one that comes
//     again, or was published twice, finds the plan that it began.
// I2. One that cannot be is recorded as refused, durably, before it leaves the stream. What may go well later is tried later.
// I3. While one is under way its coordinator says so again and again: what one had in hand that died comes to another soon.
// I4. Nothing that stands in a request keeps others from being taken: a defect is tried MAX_DELIVERIES times, then it is refused.

const CONSUMER = "coordinators";
/** Requests under way in one process. */
const MAX_UNDER_WAY = 16;
const MAX_DELIVERIES = 5;
const SILENT_MS = 5_000;
const WORKING_EVERY_MS = 1_000;
const MS_NS = 1_000_000;
const MAX_DOUBLINGS = 10;
const FETCH_FOR_MS = 5_000;
const AGAIN_AFTER_MS = 200;
const MAX_AGAIN_AFTER_MS = 30_000;

interface Opened {
  readonly requests: OpenedStream;
  readonly refusals: OpenedStream;
  readonly consumer: Consumer;
}

export class Intake implements AsyncDisposable {
  private readonly connection: NatsConnection;
  private readonly handler: CallHandler;
  private readonly ending = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly running: Promise<void>;

  /** `handler` answers the operation `submit`. It takes requests until it is disposed of. */
  constructor(connection: NatsConnection, handler: CallHandler) {
    this.connection = connection;
    this.handler = handler;
    this.running = this.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort(new Fault("stopping", "this coordinator ends", { retryable: true }));
    await this.running;
    await Promise.all(this.underWay);
  }

  /** Goes on for as long as the process lives: what is in the way is said once in the log. */
  private async run(): Promise<void> {
    const { log, clock, servers } = this.connection;
    const { signal } = this.ending;
    let said = "";
    for (;;) {
      try {
        const opened = await this.opened();
        said = "";
        for (;;) await this.takeSome(opened);
      } catch (error) {
        if (signal.aborted) return;
        const { code, message } = natsFault(error, servers, "taking requests");
        if (code !== said) log.warn(`${message}; trying again`, { code });
        said = code;
      }
      await sleep(clock, AGAIN_AFTER_MS, signal).catch(() => undefined);
    }
  }

  private async opened(): Promise<Opened> {
    const requests = await openRequests(this.connection);
    const refusals = await openRefusals(this.connection);
    const { name } = requests.info.config;
    await consumerOf(this.connection, requests, name);
    return { requests, refusals, consumer: await requests.client.consumers.get(name, CONSUMER) };
  }

  private async takeSome(opened: Opened): Promise<void> {
    const { signal } = this.ending;
    signal.throwIfAborted();
    const messages = await opened.consumer.fetch({ max_messages: MAX_UNDER_WAY, expires: FETCH_FOR_MS });
    const stop = (): void => void messages.close();
    // What was asked for before is forgotten by a server that was away.
    const returning = this.connection.onReturn(stop);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const message of messages) {
        while (this.underWay.size >= MAX_UNDER_WAY) await Promise.race(this.underWay);
        const taking = this.take(message, opened).finally(() => this.underWay.delete(taking));
        this.underWay.add(taking);
      }
    } finally {
      returning[Symbol.dispose]();
      signal.removeEventListener("abort", stop);
    }
  }

  /** Never rejects: what was not acknowledged comes again. */
  private async take(message: JsMsg, opened: Opened): Promise<void> {
    const { log } = this.connection;
    const [request = "", name = ""] = message.subject.split(".").reverse();
    const working = this.working(message);
    try {
      const read = readAs(intakeRequest, message.data);
      if (read === undefined)
        throw new Fault("malformed-request", "this is no request; docs/nats.md has the shape of one");
      const call = { operation: "submit", input: read.input, actor: principalOf(name) };
      await answerOf(this.handler(call, this.ending.signal));
      await this.forget(request, opened);
      message.ack();
    } catch (error) {
      const refused = refusalOf(error, message.info.deliveryCount);
      if (!(error instanceof Fault)) log.error("a request failed", { error, request });
      if (refused === undefined) message.nak(pauseOf(message.info.deliveryCount));
      else await this.refuse({ request, refused, message }, opened).catch(() => message.nak(AGAIN_AFTER_MS));
    } finally {
      working[Symbol.dispose]();
    }
  }

  /** I3. */
  private working(message: JsMsg): Disposable {
    const { clock } = this.connection;
    const say = (): Timer =>
      clock.after(WORKING_EVERY_MS, () => {
        message.working();
        timer = say();
      });
    let timer = say();
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  /** It may have been refused before, and published again since. */
  private async forget(request: string, { refusals }: Opened): Promise<void> {
    const filter = refusalSubject(this.connection.namespace, request);
    await refusals.manager.streams.purge(refusals.info.config.name, { filter });
  }

  private async refuse(
    { request, refused, message }: { request: string; refused: Refusal; message: JsMsg },
    { refusals }: Opened,
  ): Promise<void> {
    const { namespace, log, maxPayloadBytes } = this.connection;
    const whole = written({ ...refused });
    const fitting = whole.length <= maxPayloadBytes ? whole : written({ ...refused, details: {} });
    await refusals.client.publish(refusalSubject(namespace, request), fitting);
    message.term();
    log.warn(`a request was refused: ${refused.message}`, { code: refused.code, request });
  }
}

/** What to say to a request that cannot be; undefined where it may be later. */
function refusalOf(error: unknown, deliveries: number): Refusal | undefined {
  if (isFault(error)) {
    const { code, message, retryable, details } = error;
    return retryable || code === "nothing-goes-on" ? undefined : { code, message, details };
  }
  if (deliveries < MAX_DELIVERIES) return undefined;
  return { code: "defect", message: "a defect of Planwright; the log of the coordinator says more", details: {} };
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

function pauseOf(deliveries: number): number {
  return Math.min(MAX_AGAIN_AFTER_MS, AGAIN_AFTER_MS * 2 ** Math.min(deliveries - 1, MAX_DOUBLINGS));
}

async function consumerOf(connection: NatsConnection, { manager }: OpenedStream, stream: string): Promise<void> {
  const there = (): Promise<ConsumerInfo | undefined> =>
    manager.consumers.info(stream, CONSUMER).catch((error: unknown) => {
      if (isJetStreamError(error, JETSTREAM.consumerNotFound)) return undefined;
      throw error;
    });
  const ack_wait = SILENT_MS * MS_NS;
  const make = (): Promise<ConsumerInfo> =>
    manager.consumers.add(stream, { durable_name: CONSUMER, ack_policy: "explicit", ack_wait, max_deliver: -1 });
  const { config } = await madeInTurn(connection, { name: `${stream}-${CONSUMER}`, there, make });
  // One that an older version has made.
  if (config.ack_wait !== ack_wait) await manager.consumers.update(stream, CONSUMER, { ack_wait });
}
