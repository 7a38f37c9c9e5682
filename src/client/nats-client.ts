import { Fault } from "#events/fault.ts";
import { RANDOM_BYTES_PER_ID, uuidV7, type PlanId } from "#events/ids.ts";
import { jsonObject, type JsonObject } from "#events/json.ts";
import { parseInput, type CallOptions, type Client } from "#src/api/client.ts";
import { planOfKey } from "#src/api/client-key.ts";
import { OPERATIONS } from "#src/api/operations/table.ts";
import { calledClient, type CalledClientOptions } from "#src/client/called-client.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import type { Outbox } from "#src/nats/outbox.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";

// The operations over NATS, for programs of Node. The client of NATS is loaded when somebody connects.
//
// N1. Every submission has a key: where none is given, one is drawn. So it may be published again whenever nobody knows whether
//     it arrived.
// N2. A submission that no coordinator heard waits in the intake; the next coordinator takes it.

export interface NatsClientOptions extends NatsSettings {
  /** In whose name is asked, as `nats:PRINCIPAL`: `[A-Za-z0-9_-]+`. The server's permissions say whether this user may. */
  readonly principal: string;
  /** How long a stream tries to come back. Default: 10 s. */
  readonly patienceMs?: number;
  /** Where obstacles of the connection are told. Default: nowhere. */
  readonly log?: Log;
}

type Submission = Parameters<Client["submit"]>[0];

/** A request in the intake. */
export interface Published {
  readonly plan: PlanId;
  readonly key: string;
  /** SHA-256 of who asks and what. */
  readonly request: string;
}

export interface NatsClient extends Client, AsyncDisposable {
  /**
   * Puts a submission into the intake, whether or not a coordinator is up; resolves when it is durable there. Faults:
   * `invalid-input`, `call-too-large`, `nats-*`.
   */
  publish(submission: Submission): Promise<Published>;
  /** Resolves when a coordinator has begun its plan. Faults: what the request was refused for; or the signal's reason. */
  begun(published: Pick<Published, "request">, options?: CallOptions): Promise<void>;
}

const NEVER = new AbortController().signal;

/** Faults: `principal-invalid`, `nats-client-missing`, `nats-unavailable` and others of the connection. */
export async function connectNats(options: NatsClientOptions): Promise<NatsClient> {
  const { principal, patienceMs, log = SILENT, ...settings } = options;
  const { connectNats: connect } = await import("#src/nats/connection.ts");
  const { NatsCalls } = await import("#src/nats/calls.ts");
  const { Outbox: OutboxOf } = await import("#src/nats/outbox.ts");
  const { principalOf } = await import("#src/nats/principal.ts");
  const actor = principalOf(principal);
  await using opened = new AsyncDisposableStack();
  const connection = opened.use(await connect({ settings, name: principal, clock: systemClock, log }));
  const calls = opened.use(new NatsCalls(connection, { name: principal, random: systemRandom }));
  const closing = opened.move();
  const patience = patienceMs === undefined ? {} : { patienceMs };
  return natsClient({ calls, actor, clock: systemClock, ...patience }, new OutboxOf(connection, actor), closing);
}

function natsClient(asking: CalledClientOptions, outbox: Outbox, closing: AsyncDisposable): NatsClient {
  const client = calledClient(asking);
  const publish = async (submission: Submission): Promise<Published> => {
    const { input, key } = keyed(submission);
    return { plan: planOfKey(key), key, request: await outbox.publish(input) };
  };
  return {
    ...client,
    submit: async (submission, options) => {
      const { input } = keyed(submission);
      try {
        return await client.submit({ ...submission, ...input }, options);
      } catch (error) {
        if (!isUnheard(error)) throw error;
        const { plan } = await publish({ ...submission, ...input });
        return { plan, attached: false, warnings: [] };
      }
    },
    publish,
    begun: ({ request }, { signal = NEVER } = {}) => outbox.settled(request, signal),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** The submission as it is sent, with its key (N1). Fault: `invalid-input`. */
function keyed(submission: Submission): { readonly input: JsonObject; readonly key: string } {
  parseInput(OPERATIONS.submit, submission);
  const key = submission.key ?? uuidV7(systemClock.now(), systemRandom.bytes(RANDOM_BYTES_PER_ID));
  return { input: jsonObject.parse(JSON.parse(JSON.stringify({ ...submission, key }))), key };
}

function isUnheard(error: unknown): boolean {
  return Fault.is(error, "unreachable") && error.details["unheard"] === true;
}
