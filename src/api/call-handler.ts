import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import type { Application } from "#src/api/application.ts";
import { clientOf } from "#src/api/client.ts";
import { isRepeatable, type AnyOperation } from "#src/api/operations/operation.ts";
import { OPERATIONS } from "#src/api/operations/table.ts";
import type { Call, CallHandler, Calls } from "#src/ports/calls.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";

// Answers calls by the operations of the table, here or at the owner of the plan's partition.
//
// H1. Only what the application refuses as `not-owner` (whose details name the partition) goes elsewhere, and only before
//     anything of the answer went out.
// H2. While a partition changes hands, a call waits for the next owner: it is asked again as long as nobody heard it, or who
//     heard it did not own the partition. A call that may have been heard is asked again only where twice is as good as once.

/** How long a call waits for a partition to have an owner. */
const OWNED_WITHIN_MS = 10_000;
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 500;

type AnyCall = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown> | AsyncIterable<unknown>;

/** Answers what this process can; `not-owner` is the caller's business. Fault: `no-such-operation`. */
export function answeringHere(app: Application): CallHandler {
  return async function* ({ operation, input, actor }, signal) {
    if (!Object.hasOwn(OPERATIONS, operation)) {
      throw new Fault("no-such-operation", `there is no operation ${JSON.stringify(operation)}; docs/api.md lists all`);
    }
    const calls: Readonly<Record<string, unknown>> = clientOf(app, actor);
    const answer = (calls[operation] as AnyCall)(input, { signal });
    // What operations give is JSON, as their schemas say.
    if (Symbol.asyncIterator in answer) yield* answer as AsyncIterable<Json>;
    else yield (await answer) as Json;
  };
}

export interface Forwarding {
  readonly calls: Calls;
  readonly clock: Clock;
}

/** Answers here, or has the owner answer. Faults: the operation's; after OWNED_WITHIN_MS what kept the owner from it. */
export function answeringAnywhere(app: Application, { calls, clock }: Forwarding): CallHandler {
  const here = answeringHere(app);
  return async function* (call, signal) {
    const untilMs = clock.monotonic() + OWNED_WITHIN_MS;
    const forwarded = { ...call, repeatable: isRepeatableCall(call) };
    let owner: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      let hasBegun = false;
      try {
        for await (const value of owner === undefined
          ? here(call, signal)
          : calls.call(forwarded, { partition: owner }, signal)) {
          hasBegun = true;
          yield value;
        }
        return;
      } catch (error) {
        const next = hasBegun ? undefined : ownerAfter(error, owner);
        if (next === undefined || clock.monotonic() > untilMs) throw error;
        if (owner !== undefined) await sleep(clock, pauseMs, signal);
        owner = next;
      }
    }
  };
}

function isRepeatableCall({ operation, input }: Call): boolean {
  const known = BY_NAME.get(operation);
  return known !== undefined && isRepeatable(known, input);
}

const BY_NAME: ReadonlyMap<string, AnyOperation> = new Map(Object.entries(OPERATIONS));

/** The partition whose owner is asked next; undefined where nobody is. */
function ownerAfter(error: unknown, asked: number | undefined): number | undefined {
  if (Fault.is(error, "not-owner")) {
    const { partition } = error.details;
    return typeof partition === "number" ? partition : undefined;
  }
  return Fault.is(error, "unreachable") && error.details["unheard"] === true ? asked : undefined;
}
