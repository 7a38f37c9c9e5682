import { z } from "zod";
import { contentHash } from "#events/canonical.ts";
import { json, jsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { openStream, type OpenedStream } from "#src/nats/streams.ts";
import { bucketOf, subjectOf } from "#src/nats/subjects.ts";

// What the intake keeps: requests until a coordinator has taken them, and for a while what was said to those that were
// refused. Whoever comes first, publisher or coordinator, makes the streams.

/** Of one request, the SHA-256 of who asks and what: published again it is the same request. */
export type RequestId = string;

/** As a message: the input of the operation `submit`, with its key. */
export const intakeRequest = z.object({ input: jsonObject });

/** What was said to a request that cannot be. */
export const refusal = z.object({
  code: z.string(),
  message: z.string(),
  details: jsonObject.default({}),
});
export type Refusal = z.infer<typeof refusal>;

const SECOND_NS = 1_000_000_000;
const DAY_S = 24 * 60 * 60;
const REFUSALS_KEPT_NS = 7 * DAY_S * SECOND_NS;
const MAX_WAITING = 1_000_000;

export function requestIdOf(actor: string, input: JsonObject): RequestId {
  return contentHash(json.parse({ actor, input }));
}

export function refusalSubject(namespace: string, request: RequestId): string {
  return subjectOf(namespace, "refusal", request);
}

/** A request leaves the stream when it was acknowledged. Faults: those of `openStream`. */
export function openRequests(connection: NatsConnection): Promise<OpenedStream> {
  const { namespace } = connection;
  return openStream(connection, {
    name: bucketOf(namespace, "requests"),
    subjects: [subjectOf(namespace, "request", "*", "*")],
    description: "Requests that were published while no coordinator was up",
    limits: { retention: "workqueue", max_msgs: MAX_WAITING },
  });
}

/** The last refusal of each request, for seven days. Faults: those of `openStream`. */
export function openRefusals(connection: NatsConnection): Promise<OpenedStream> {
  const { namespace } = connection;
  return openStream(connection, {
    name: bucketOf(namespace, "refusals"),
    subjects: [refusalSubject(namespace, "*")],
    description: "What was said to requests that were refused",
    limits: { max_msgs_per_subject: 1, max_age: REFUSALS_KEPT_NS, discard: "old" },
  });
}

const decoder = new TextDecoder();

/** Undefined for what is no such message. */
export function readAs<T extends z.ZodType>(schema: T, data: Uint8Array): z.output<T> | undefined {
  try {
    const read = schema.safeParse(JSON.parse(decoder.decode(data)));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export function written(message: Json): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
