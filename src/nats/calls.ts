import { Fault } from "#events/fault.ts";
import { RANDOM_BYTES_PER_ID, uuidV7 } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { unheard, type Call, type CallHandler, type CallPlace, type Calls } from "#src/ports/calls.ts";
import { sleep } from "#src/ports/clock.ts";
import type { Random } from "#src/ports/random.ts";
import { Answers } from "#src/nats/call-answers.ts";
import { Asking } from "#src/nats/call-asking.ts";
import { callFrame, decoded, encoded, type CallControl } from "#src/nats/call-messages.ts";
import type { NatsConnection, NatsMessage } from "#src/nats/connection.ts";
import { inboxOf, subjectOf } from "#src/nats/subjects.ts";
import { subjectOfCall } from "#src/nats/principal.ts";

// Calls over NATS (src/ports/calls.ts), on core subjects: what is lost on the way is sent again by who sent it.
//
// C1. Who asks any coordinator says in the subject who it is, where the server can hold it against the user's permissions: the
//     principal `nats:NAME` is whoever may publish as NAME. Among coordinators the principal is in the request.
// C2. A call that was published is not published again where two may not answer it. While the connection is away it waits.
// C3. Answers come to one inbox, below it by call; a frame of a call that nobody waits for any more is answered by `stop`.

/** How long a call waits for a connection that is away. */
const CONNECTED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

export interface NatsCallsOptions {
  /** As the connection's: answers come below its inbox. */
  readonly name: string;
  readonly random: Random;
}

export class NatsCalls implements Calls {
  private readonly connection: NatsConnection;
  private readonly random: Random;
  private readonly inbox: string;
  private readonly asking = new Map<string, Asking>();
  private readonly answers: Answers;
  private readonly resources = new AsyncDisposableStack();

  constructor(connection: NatsConnection, { name, random }: NatsCallsOptions) {
    this.connection = connection;
    this.random = random;
    const own = this.newId();
    this.inbox = `${inboxOf(connection.namespace, name)}.calls.${own}`;
    this.answers = this.resources.use(new Answers(connection, subjectOf(connection.namespace, "control", own)));
    this.resources.use(connection.listen(`${this.inbox}.*`, { handler: (message) => this.onFrame(message) }));
    this.resources.use(connection.onReturn(() => this.onReturn()));
  }

  async *call(call: Call, to: CallPlace, signal: AbortSignal): AsyncGenerator<Json> {
    signal.throwIfAborted();
    const id = this.newId();
    const { subject, actor } = subjectOfCall(this.connection.namespace, call.actor, to);
    const { operation, input, withinMs } = call;
    const request = encoded({
      ...{ call: id, operation, input },
      ...(actor === undefined ? {} : { actor }),
      ...(withinMs === undefined ? {} : { withinMs }),
    });
    this.assertFits(request.length, operation);
    await this.connected(signal);
    const publish = (): void => this.connection.publish(subject, request, { reply: `${this.inbox}.${id}` });
    const repeat = call.repeatable === true ? publish : undefined;
    const asking = new Asking({ clock: this.connection.clock, signal, repeat });
    this.asking.set(id, asking);
    try {
      publish();
      yield* asking.values((said, control) => this.say({ ...said, call: id }, control));
    } finally {
      this.asking.delete(id);
    }
  }

  async serve(at: CallPlace, handler: CallHandler): Promise<Disposable> {
    const serving = this.answers.serve(at, handler);
    // Without a connection it is heard when there is one again.
    if (this.connection.isConnected) await this.connection.flush().catch(() => undefined);
    return serving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const asking of this.asking.values()) asking.nobody();
    await this.resources.disposeAsync();
  }

  private newId(): string {
    return uuidV7(this.connection.clock.now(), this.random.bytes(RANDOM_BYTES_PER_ID));
  }

  private assertFits(bytes: number, operation: string): void {
    const { maxPayloadBytes } = this.connection;
    if (bytes <= maxPayloadBytes) return;
    throw new Fault(
      "call-too-large",
      `${operation} with this input takes ${bytes} bytes, and the server of NATS takes ${maxPayloadBytes} a message; ask over HTTP, or raise max_payload`,
      { details: { bytes, maxPayloadBytes } },
    );
  }

  private async connected(signal: AbortSignal): Promise<void> {
    const { connection } = this;
    const untilMs = connection.clock.monotonic() + CONNECTED_WITHIN_MS;
    while (!connection.isConnected) {
      if (connection.clock.monotonic() > untilMs) throw unheard(`there is no connection to ${connection.servers}`);
      await sleep(connection.clock, LOOK_EVERY_MS, signal);
    }
  }

  private onFrame({ subject, data, reply }: NatsMessage): void {
    const id = subject.slice(this.inbox.length + 1);
    const asking = this.asking.get(id);
    // The server's own message, which is empty: nobody listens where the call went.
    if (data.length === 0) asking?.nobody();
    else if (asking === undefined) this.say({ kind: "stop", call: id }, reply);
    else {
      const frame = decoded(callFrame, data);
      if (frame === undefined) this.connection.log.warn("a frame of a call is malformed", { subject });
      else asking.put(frame, reply);
    }
  }

  private say(control: CallControl, to: string | undefined): void {
    if (to !== undefined) this.connection.publish(to, encoded(control));
  }

  private onReturn(): void {
    for (const asking of this.asking.values()) asking.askAgain();
  }
}
