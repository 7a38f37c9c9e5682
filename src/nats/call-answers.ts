import { Fault } from "#events/fault.ts";
import { broken, endInOrder, type CallHandler, type CallPlace } from "#src/ports/calls.ts";
import { Answer } from "#src/nats/call-answer.ts";
import { callControl, callRequest, decoded, encoded, faultCarrier, type CallFrame } from "#src/nats/call-messages.ts";
import type { NatsConnection, NatsMessage } from "#src/nats/connection.ts";
import { partitionToken, subjectOf } from "#src/nats/subjects.ts";
import { principalOf } from "#src/nats/principal.ts";

// The calls that a process answers over NATS.
//
// A1. What is no call is answered by `malformed-call`, so that its sender learns why nothing comes.
// A2. At most MAX_CALLS are under way; another one is answered by `too-many-calls`, which may be asked again elsewhere.

const QUEUE = "coordinators";
const MAX_CALLS = 10_000;

export class Answers implements AsyncDisposable {
  private readonly connection: NatsConnection;
  /** Subject where callers say what they have taken. */
  private readonly control: string;
  private readonly underWay = new Map<string, { readonly answer: Answer; readonly served: object }>();
  private readonly listening: Disposable;

  constructor(connection: NatsConnection, control: string) {
    this.connection = connection;
    this.control = control;
    this.listening = connection.listen(control, { handler: ({ data }) => this.onControl(data) });
  }

  serve(at: CallPlace, handler: CallHandler): Disposable {
    const { namespace } = this.connection;
    const served = {};
    const take = (message: NatsMessage): void => this.onCall(message, { at, handler, served });
    const listening =
      at === "any"
        ? this.connection.listen(subjectOf(namespace, "call", "*"), { handler: take, queue: QUEUE })
        : this.connection.listen(subjectOf(namespace, "owner", partitionToken(at.partition)), { handler: take });
    return {
      [Symbol.dispose]: () => {
        listening[Symbol.dispose]();
        endInOrder(at, this.connection.clock, (why) => this.stop(why, served));
      },
    };
  }

  /** Callers are told, as far as they can be. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { clock } = this.connection;
    this.stop(broken("who answered is gone"));
    await new Promise<void>((resolve) => clock.soon(resolve));
    if (this.connection.isConnected) await this.connection.flush().catch(() => undefined);
    this.listening[Symbol.dispose]();
    for (const { answer } of this.underWay.values()) answer.leave();
  }

  private stop(why: Fault, of?: object): void {
    for (const { answer, served } of this.underWay.values()) {
      if (of === undefined || of === served) answer.stop(why);
    }
  }

  private onCall(message: NatsMessage, { at, handler, served }: Served): void {
    const { reply, subject } = message;
    if (reply === undefined) {
      this.connection.log.warn("a call says nowhere where its answer goes", { subject });
      return;
    }
    const request = decoded(callRequest, message.data);
    const actor = at === "any" ? principalOf(subject.slice(subject.lastIndexOf(".") + 1)) : request?.actor;
    if (request === undefined || actor === undefined) {
      this.refuse(reply, new Fault("malformed-call", "this is no call; docs/nats.md has the shape of one"));
    } else if (this.underWay.size >= MAX_CALLS) {
      this.refuse(reply, new Fault("too-many-calls", `${MAX_CALLS} calls are under way here`, { retryable: true }));
    } else if (!this.underWay.has(request.call)) {
      const { call, operation, input, withinMs } = request;
      const answer = this.newAnswer(reply, { operation, withinMs });
      this.underWay.set(call, { answer, served });
      const asked = { operation, input, actor, ...(withinMs === undefined ? {} : { withinMs }) };
      void answer.send(handler(asked, answer.signal)).finally(() => this.underWay.delete(call));
    }
  }

  private newAnswer(
    reply: string,
    { operation, withinMs }: { operation: string; withinMs: number | undefined },
  ): Answer {
    const { connection } = this;
    return new Answer({
      clock: connection.clock,
      withinMs,
      send: (frame) => this.send(reply, frame),
      maxPayloadBytes: () => connection.maxPayloadBytes,
      onDefect: (error) => connection.log.error("a call failed", { error, operation }),
    });
  }

  private refuse(reply: string, fault: Fault): void {
    this.send(reply, { ...faultCarrier(fault, this.connection.maxPayloadBytes), n: 1 });
  }

  private send(reply: string, frame: CallFrame): void {
    this.connection.publish(reply, encoded(frame), { reply: this.control });
  }

  private onControl(data: Uint8Array): void {
    const control = decoded(callControl, data);
    if (control !== undefined) this.underWay.get(control.call)?.answer.hear(control);
  }
}

interface Served {
  readonly at: CallPlace;
  readonly handler: CallHandler;
  readonly served: object;
}
