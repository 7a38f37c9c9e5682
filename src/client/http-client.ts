import type { z } from "zod";
import { Fault } from "#events/fault.ts";
import { allOperations, callsOf, parseInput, type CallOptions, type Client } from "#src/api/client.ts";
import type { AnyOperation, AnyStreamOperation } from "#src/api/operations/operation.ts";
import { faultOf, problem, PROBLEM_MEDIA_TYPE } from "#src/http/problem.ts";
import { requestOf } from "#src/http/routes.ts";
import { serverEvents } from "#src/client/event-reader.ts";
import type { HttpAnswer, HttpTransport } from "#src/client/exchange.ts";
import { DEFAULT_PATIENCE_MS, resumedStream } from "#src/client/resumed-stream.ts";
import type { Clock } from "#src/ports/clock.ts";

// The operations of another process over HTTP, as if they were this one's; by Node's own sockets or by `fetch`.
//
// M1. A refusal there is the same fault here.
// M2. Streams come back by themselves after a broken connection, facts without a gap (resumed-stream.ts).

export interface HttpClientOptions {
  readonly clock: Clock;
  /** How long a stream tries to come back. Default: 10 s. */
  readonly patienceMs?: number;
}

export type HttpClient = Client & Disposable;

export function httpClient(transport: HttpTransport, options: HttpClientOptions): HttpClient {
  const around = { transport, clock: options.clock, patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS };
  const calls = callsOf(allOperations(), (operation) =>
    operation.kind === "stream"
      ? (input, given) => streamed(operation, { ...around, input }, given)
      : (input, given) => asked(operation, { ...around, input }, given),
  );
  return { ...calls, [Symbol.dispose]: () => transport[Symbol.dispose]() } as unknown as HttpClient;
}

interface Asking {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly input: unknown;
}

const NEVER = new AbortController().signal;

/** Also where the answer could be a document. */
const JSON_WANTED = { accept: "application/json" };

async function asked(operation: AnyOperation, { transport, input }: Asking, { signal = NEVER }: CallOptions = {}) {
  parseInput(operation, input);
  const answer = await transport.exchange({ ...requestOf(operation, input), headers: JSON_WANTED, signal });
  const text = await answer.text();
  if (answer.status !== 200) throw refusal(answer, text);
  return parsed(operation.output, text);
}

function streamed(operation: AnyStreamOperation, asking: Asking, { signal = NEVER }: CallOptions = {}): AsyncGenerator {
  const connect = (after: number) => connected(operation, { ...asking, after }, signal);
  return begun(operation, asking.input, () => resumedStream(connect, asking, signal));
}

/** What does not fit is refused when the first message is asked for. */
async function* begun(operation: AnyStreamOperation, input: unknown, stream: () => AsyncGenerator): AsyncGenerator {
  parseInput(operation, input);
  yield* stream();
}

/** What one connection brings that begins behind a position. */
async function* connected(
  operation: AnyStreamOperation,
  { transport, input, after }: Asking & { readonly after: number },
  signal: AbortSignal,
): AsyncGenerator {
  const headers = after < 0 ? {} : { "last-event-id": String(after) };
  const answer = await transport.exchange({ ...requestOf(operation, input), headers, signal, isStream: true });
  if (answer.status !== 200) throw refusal(answer, await answer.text());
  yield* messagesOf(operation, answer, transport);
  throw transport.unreachable(new Error("the stream ended"));
}

/** The messages of one connection. Faults: `unreachable` when it breaks, and what ended the stream on the other side. */
async function* messagesOf(
  operation: AnyStreamOperation,
  answer: HttpAnswer,
  transport: HttpTransport,
): AsyncGenerator {
  const events = serverEvents(answer.bytes());
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
    answer.close();
  }
}

function refusal({ contentType, status }: HttpAnswer, text: string): Fault {
  if (contentType.startsWith(PROBLEM_MEDIA_TYPE)) return faultOf(parsed(problem, text));
  return new Fault("malformed-answer", `the answer has status ${status} and is no problem document`);
}

/** Fault: `malformed-answer`. */
function parsed<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault("malformed-answer", "the answer is not what this version of Planwright expects", { cause });
  }
}
