import type { z } from "zod";
import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";
import { allOperations, callsOf, parseInput, type CallOptions, type Client } from "#src/api/client.ts";
import { isRepeatable, type AnyOperation, type AnyStreamOperation } from "#src/api/operations/operation.ts";
import { DEFAULT_PATIENCE_MS, resumedStream } from "#src/client/resumed-stream.ts";
import { answerOf, broken, type Calls } from "#src/ports/calls.ts";
import type { Clock } from "#src/ports/clock.ts";

// The operations of any coordinator by calls, as if they were this process's.
//
// D1. A refusal there is the same fault here.
// D2. Streams come back by themselves, facts without a gap (resumed-stream.ts); at another coordinator where the first is gone.

export interface CalledClientOptions {
  readonly calls: Pick<Calls, "call">;
  /** Principal in whose name is asked. */
  readonly actor: string;
  readonly clock: Clock;
  /** How long a stream tries to come back. Default: 10 s. */
  readonly patienceMs?: number;
}

/** Longer than the longest wait that may be asked for. */
const QUESTION_WITHIN_MS = 360_000;
const NEVER = new AbortController().signal;

export function calledClient(options: CalledClientOptions): Client {
  const calls = callsOf(allOperations(), (operation, name) =>
    operation.kind === "stream"
      ? (input, given) => streamed(operation, { ...options, name, input }, given)
      : (input, given) => asked(operation, { ...options, name, input }, given),
  );
  return calls as unknown as Client;
}

interface Asking extends CalledClientOptions {
  readonly name: string;
  readonly input: unknown;
}

async function asked(operation: AnyOperation, asking: Asking, { signal = NEVER }: CallOptions = {}): Promise<unknown> {
  const call = { ...callOf(operation, asking), withinMs: QUESTION_WITHIN_MS };
  return parsed(operation.output, await answerOf(asking.calls.call(call, "any", signal)));
}

async function* streamed(
  operation: AnyStreamOperation,
  asking: Asking,
  { signal = NEVER }: CallOptions = {},
): AsyncGenerator {
  const call = callOf(operation, asking);
  const { calls, clock, patienceMs = DEFAULT_PATIENCE_MS } = asking;
  const connect = async function* (after: number) {
    const input = after < 0 ? call.input : behind(call.input, after);
    for await (const message of calls.call({ ...call, input }, "any", signal)) yield parsed(operation.output, message);
    throw broken("the stream ended");
  };
  yield* resumedStream(connect, { clock, patienceMs }, signal);
}

/** Fault: `invalid-input`. */
function callOf(operation: AnyOperation, { name, input, actor }: Asking) {
  parseInput(operation, input);
  // In this process a member may be there without a value.
  const sent = json.parse(JSON.parse(JSON.stringify(input)));
  return { operation: name, input: sent, actor, repeatable: isRepeatable(operation, sent) };
}

function behind(input: Json, after: number): Json {
  return { ...membersOf(input), after };
}

function membersOf(input: Json): Readonly<Record<string, Json>> {
  return input as Readonly<Record<string, Json>>;
}

/** Fault: `malformed-answer`. */
function parsed<T extends z.ZodType>(schema: T, value: Json): z.output<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Fault("malformed-answer", "the answer is not what this version of Planwright expects", {
    cause: read.error,
  });
}
