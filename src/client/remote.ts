import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { Fault } from "#events/fault.ts";
import { isJsonObject } from "#events/json.ts";
import { allOperations, callsOf, parseInput, type CallOptions, type Client } from "#src/api/client.ts";
import type { AnyOperation, AnyStreamOperation } from "#src/api/operations/operation.ts";
import { faultOf, problem, PROBLEM_MEDIA_TYPE } from "#src/http/problem.ts";
import { requestOf } from "#src/http/routes.ts";
import { serverEvents } from "#src/client/event-reader.ts";
import type { Endpoint } from "#src/client/endpoint.ts";
import { Transport } from "#src/client/transport.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";

// The operations of another process, as if they were this one's.
//
// M1. A refusal there is the same fault here.
// M2. Facts come once and in order, whatever happens to connections: after a broken one the next begins behind the last
//     fact that was taken. Who stays away longer than the patience is given up, as `unreachable`.

export interface RemoteOptions {
  readonly clock: Clock;
  /** How long a stream tries to come back. Default: 10 s. */
  readonly patienceMs?: number;
}

export type RemoteClient = Client & Disposable;

const DEFAULT_PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

export function remoteClient(endpoint: Endpoint, options: RemoteOptions): RemoteClient {
  const transport = new Transport(endpoint);
  const around = { transport, clock: options.clock, patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS };
  const calls = callsOf(allOperations(), (operation) =>
    operation.kind === "stream"
      ? (input, given) => streamed(operation, { ...around, input }, given)
      : (input, given) => asked(operation, { ...around, input }, given),
  );
  return { ...calls, [Symbol.dispose]: () => transport[Symbol.dispose]() } as unknown as RemoteClient;
}

interface Asking {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly input: unknown;
}

const NEVER = new AbortController().signal;

async function asked(operation: AnyOperation, { transport, input }: Asking, { signal = NEVER }: CallOptions = {}) {
  parseInput(operation, input);
  const answer = await transport.exchange({ ...requestOf(operation, input), signal });
  const text = await transport.text(answer, signal);
  if (answer.statusCode !== 200) throw refusal(answer, text);
  return parsed(operation.output, text);
}

async function* streamed(
  operation: AnyStreamOperation,
  asking: Asking,
  { signal = NEVER }: CallOptions = {},
): AsyncGenerator {
  parseInput(operation, asking.input);
  const patience = new Patience(asking.clock, asking.patienceMs);
  const taken = { last: -1 };
  for (;;) {
    try {
      for await (const message of connected(operation, { ...asking, after: taken.last }, signal)) {
        patience.renew();
        if (isNews(message, taken)) yield message;
      }
      throw asking.transport.unreachable(new Error("the stream ended"));
    } catch (error) {
      if (signal.aborted) return;
      if (!isBroken(error)) throw error;
      await patience.pause(error, signal);
    }
  }
}

/** Whether the message was not taken before; what has no position always is. */
function isNews(message: unknown, taken: { last: number }): boolean {
  const position = positionOf(message);
  if (position === undefined) return true;
  if (position <= taken.last) return false;
  taken.last = position;
  return true;
}

/** What one connection brings that begins behind a position. */
async function* connected(
  operation: AnyStreamOperation,
  { transport, input, after }: Asking & { readonly after: number },
  signal: AbortSignal,
): AsyncGenerator {
  const headers = after < 0 ? {} : { "last-event-id": String(after) };
  const answer = await transport.exchange({ ...requestOf(operation, input), headers, signal, isStream: true });
  if (answer.statusCode !== 200) throw refusal(answer, await transport.text(answer, signal));
  yield* messagesOf(operation, answer, transport);
}

/** The messages of one connection. Faults: `unreachable` when it breaks, and what ended the stream on the other side. */
async function* messagesOf(
  operation: AnyStreamOperation,
  answer: IncomingMessage,
  transport: Transport,
): AsyncGenerator {
  const events = serverEvents(answer);
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => {
        throw transport.unreachable(error);
      });
      if (next.done === true) return;
      const { event, data } = next.value;
      if (event === "problem") throw faultOf(parsed(problem, data));
      yield parsed(operation.output, data);
    }
  } finally {
    answer.destroy();
  }
}

/** How long somebody who does not answer is waited for. */
class Patience {
  private readonly clock: Clock;
  private readonly patienceMs: number;
  /** Undefined while nothing is wrong. */
  private untilMs: number | undefined;
  private pauseMs = FIRST_PAUSE_MS;

  constructor(clock: Clock, patienceMs: number) {
    this.clock = clock;
    this.patienceMs = patienceMs;
  }

  renew(): void {
    this.untilMs = undefined;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  /** Rejects with the error when it is at its end. */
  async pause(error: unknown, signal: AbortSignal): Promise<void> {
    const now = this.clock.monotonic();
    this.untilMs ??= now + this.patienceMs;
    if (now + this.pauseMs > this.untilMs) throw error;
    await sleep(this.clock, this.pauseMs, signal).catch(() => undefined);
    this.pauseMs = Math.min(MAX_PAUSE_MS, this.pauseMs * 2);
  }
}

function isBroken(error: unknown): boolean {
  return Fault.is(error, "unreachable") || Fault.is(error, "stopping");
}

function refusal({ headers, statusCode }: IncomingMessage, text: string): Fault {
  if (headers["content-type"]?.startsWith(PROBLEM_MEDIA_TYPE) === true) return faultOf(parsed(problem, text));
  return new Fault("malformed-answer", `the answer has status ${statusCode ?? 0} and is no problem document`);
}

/** Fault: `malformed-answer`. */
function parsed<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault("malformed-answer", "the answer is not what this version of Planwright expects", { cause });
  }
}

function positionOf(message: unknown): number | undefined {
  return isJsonObject(message) && typeof message.position === "number" ? message.position : undefined;
}
