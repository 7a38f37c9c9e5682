import type { z } from "zod";
import { Fault } from "#events/fault.ts";
import { isDeeperThan, json, MAX_JSON_DEPTH } from "#events/json.ts";
import type { Application } from "#src/api/application.ts";
import type { Caller } from "#src/api/caller.ts";
import type { AnyOperation, AnyStreamOperation } from "#src/api/operations/operation.ts";
import { OPERATIONS, type OperationName, type Operations } from "#src/api/operations/table.ts";
import type { Reading } from "#src/api/reading.ts";

// One interface with every operation of the table, whatever door is behind it: the engine of this process, a store that
// is only read, or another process.
//
// C1. Input is parsed by the operation's schema behind every door; what does not fit is the fault `invalid-input`.
// C2. Refusals are faults with the code of the law, the same behind every door.

export interface CallOptions {
  readonly signal?: AbortSignal;
}

type Input<N extends OperationName> = z.input<Operations[N]["input"]>;
export type Output<N extends OperationName> = z.output<Operations[N]["output"]>;

type Call<N extends OperationName> = Operations[N]["kind"] extends "stream"
  ? (input: Input<N>, options?: CallOptions) => AsyncIterable<Output<N>>
  : (input: Input<N>, options?: CallOptions) => Promise<Output<N>>;

type CallsOf<N extends OperationName> = { readonly [K in N]: Call<K> };
type OverReading = { [K in OperationName]: Operations[K]["over"] extends "reading" ? K : never }[OperationName];

/** Every operation. */
export type Client = CallsOf<OperationName>;
/** The operations that a store alone answers. */
export type ReadingClient = CallsOf<OverReading>;

type AnyCall = (input: unknown, options?: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/** A client of the engine in this process. */
export function clientOf(app: Application, actor: string): Client {
  return callsOf(allOperations(), (operation) => callOver(operation, { app, actor })) as unknown as Client;
}

/** A client of a store that is only read. */
export function readingClientOf(app: Reading, actor: string): ReadingClient {
  const entries = allOperations().filter(([, { over }]) => over === "reading");
  return callsOf(entries, (operation) => callOver(operation, { app, actor })) as unknown as ReadingClient;
}

/** One call for each operation, made by whoever knows the door. */
export function callsOf(
  operations: readonly (readonly [string, AnyOperation])[],
  make: (operation: AnyOperation, name: string) => AnyCall,
): Readonly<Record<string, AnyCall>> {
  return Object.fromEntries(operations.map(([name, operation]) => [name, make(operation, name)]));
}

export function allOperations(): readonly (readonly [OperationName, AnyOperation])[] {
  return Object.entries(OPERATIONS) as [OperationName, AnyOperation][];
}

/** What came in, with its defaults. Fault: `invalid-input`, whose details say what does not fit where. */
export function parseInput({ input: schema }: Pick<AnyOperation, "input">, input: unknown): unknown {
  assertShallow(input);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.map(({ path, message, code }) => ({ path: path.map(String), message, code }));
  const [first] = findings;
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  throw new Fault("invalid-input", `what was given does not fit${where}: ${first?.message ?? "it is not right"}`, {
    details: { findings: json.parse(findings) },
  });
}

/** Whatever is recorded has to be written and read again, which recurses. Fault: `invalid-input`. */
export function assertShallow(input: unknown): void {
  if (!isDeeperThan(input, MAX_JSON_DEPTH)) return;
  throw new Fault("invalid-input", `what was given is nested deeper than ${MAX_JSON_DEPTH} levels`);
}

function callOver(operation: AnyOperation, { app, actor }: { app: Reading; actor: string }): AnyCall {
  if (operation.kind === "stream") return (input, options) => streamed(operation, { input, app, actor }, options);
  return async (input, { signal = NEVER } = {}) => operation.run(app, parseInput(operation, input), { actor, signal });
}

/** Ends its subscription when whoever takes from it stops, not only when the caller's signal says so. */
async function* streamed(
  operation: AnyStreamOperation,
  { input, app, actor }: { input: unknown; app: Reading; actor: string },
  { signal = NEVER }: CallOptions = {},
): AsyncGenerator {
  const stopping = new AbortController();
  try {
    const caller: Caller = { actor, signal: AbortSignal.any([signal, stopping.signal]) };
    yield* await operation.run(app, parseInput(operation, input), caller);
  } finally {
    stopping.abort();
  }
}

const NEVER = new AbortController().signal;
