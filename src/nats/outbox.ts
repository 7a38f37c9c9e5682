import { Fault } from "#events/fault.ts";
import type { JsonObject } from "#events/json.ts";
import { sleep } from "#src/ports/clock.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { isJetStreamError, JETSTREAM, natsFault } from "#src/nats/faults.ts";
import {
  openRefusals,
  openRequests,
  readAs,
  refusal,
  refusalSubject,
  requestIdOf,
  written,
  type RequestId,
} from "#src/nats/intake-streams.ts";
import { subjectOfRequests } from "#src/nats/principal.ts";
import type { OpenedStream } from "#src/nats/streams.ts";

// The intake from the side of who publishes.
//
// O1. A request counts as published when the stream has it. Published twice it is one request: by its id within two minutes, by
//     its key for ever.
// O2. It is settled when it has left the stream; then its plan has begun, or a refusal is recorded.

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

export class Outbox {
  private readonly connection: NatsConnection;
  private readonly actor: string;
  private requests: Promise<OpenedStream> | undefined;
  private refusals: Promise<OpenedStream> | undefined;

  constructor(connection: NatsConnection, actor: string) {
    this.connection = connection;
    this.actor = actor;
  }

  /** Resolves when the stream has it. Faults: `call-too-large`, `nats-settings-differ`, those of `natsFault`. */
  async publish(input: JsonObject): Promise<RequestId> {
    const { namespace, maxPayloadBytes, servers } = this.connection;
    const data = written({ input });
    if (data.length > maxPayloadBytes) {
      const why = `this request takes ${data.length} bytes, and the server of NATS takes ${maxPayloadBytes} a message`;
      throw new Fault("call-too-large", `${why}; submit it over HTTP, or raise max_payload`);
    }
    const request = requestIdOf(this.actor, input);
    const { client } = await this.openedRequests();
    try {
      await client.publish(subjectOfRequests(namespace, this.actor, request), data, { msgID: request });
    } catch (error) {
      throw natsFault(error, servers, "publishing a request");
    }
    return request;
  }

  /** Resolves when its plan has begun. Faults: what it was refused for; or the signal's reason. */
  async settled(request: RequestId, signal: AbortSignal): Promise<void> {
    const { namespace, clock } = this.connection;
    const subject = subjectOfRequests(namespace, this.actor, request);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      signal.throwIfAborted();
      const isLeft = await this.isLeft(subject);
      if (isLeft === true) break;
      await sleep(clock, pauseMs, signal);
    }
    const said = await this.lastOf(await this.openedRefusals(), refusalSubject(namespace, request));
    if (said === undefined) return;
    const { code, message, details } = readAs(refusal, said) ?? {
      code: "malformed-answer",
      message: "a refusal",
      details: {},
    };
    throw new Fault(code, message, { details });
  }

  /** Undefined where the server does not say it now. */
  private async isLeft(subject: string): Promise<boolean | undefined> {
    try {
      return (await this.lastOf(await this.openedRequests(), subject)) === undefined;
    } catch (error) {
      if (error instanceof Fault && !error.retryable) throw error;
      return undefined;
    }
  }

  private async lastOf({ manager, info }: OpenedStream, subject: string): Promise<Uint8Array | undefined> {
    try {
      const found = await manager.streams.getMessage(info.config.name, { last_by_subj: subject });
      return found?.data;
    } catch (error) {
      if (isJetStreamError(error, JETSTREAM.noMessage)) return undefined;
      throw natsFault(error, this.connection.servers, "looking for a request");
    }
  }

  private openedRequests(): Promise<OpenedStream> {
    this.requests ??= openRequests(this.connection).catch((error: unknown) => {
      this.requests = undefined;
      throw error;
    });
    return this.requests;
  }

  private openedRefusals(): Promise<OpenedStream> {
    this.refusals ??= openRefusals(this.connection).catch((error: unknown) => {
      this.refusals = undefined;
      throw error;
    });
    return this.refusals;
  }
}
