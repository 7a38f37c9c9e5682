import { Fault } from "#events/fault.ts";
import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { unreadableReport } from "#src/bus/unreadable-report.ts";
import { decodeForCoordinator, decodeForExecutor, encodeMessage } from "#src/bus/wire.ts";
import type { Bus, CoordinatorMessage, ExecutorMessage, LiveMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";
import { Complaints } from "#src/nats/complaints.ts";
import type { NatsConnection, NatsMessage } from "#src/nats/connection.ts";
import { Envelopes, readEnvelope } from "#src/nats/envelope.ts";
import { textOf } from "#src/nats/faults.ts";
import { decodeLive } from "#src/nats/live.ts";
import { IncomingParcels, OutgoingParcels, parcelNotice, type ParcelNotice } from "#src/nats/parcels.ts";
import { partitionToken, subjectOf, tokensBelow, tokensOf } from "#src/nats/subjects.ts";

// The bus over NATS' core: nothing is stored, and nothing waits for an answer. What is sent while the server is away is lost.
//
// U1. A message is encoded when it is sent (an offer when the turn ends): what its sender does with it later changes nothing.
// U2. What is no message is dropped and counted, and so is one whose sender, plan or partition is another than its subject says:
//     the subject is what the server has allowed. A report of which only that much can be read is handed on as a failure.
// U3. A message over the server's limit goes as the notice of a parcel, on the same subject.
// U4. Live messages are from the executor that listens here: they carry no id of their own.
// U5. Of the offers that a turn of the event loop makes to a coordinator the newest is sent: it lists everything (decision 0021).

const TYPE = "planwright.";
const PARCEL = `${TYPE}parcel`;

export class NatsBus implements Bus, AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #envelopes: Envelopes;
  readonly #complaints: Complaints;
  readonly #outgoing: OutgoingParcels;
  readonly #incoming: IncomingParcels;
  readonly #listening = new Set<Disposable>();
  /** Those that this turn makes, by subject. */
  readonly #offers = new Map<string, Offer>();
  #executor: ExecutorId | undefined;

  /** `name` is who this process is, for the source of its messages; `incarnation` is of this process alone. */
  constructor(
    connection: NatsConnection,
    { name, incarnation }: { readonly name: string; readonly incarnation: string },
  ) {
    this.#connection = connection;
    this.#envelopes = new Envelopes(`/planwright/${connection.namespace}/${name}`, incarnation);
    this.#complaints = new Complaints(connection.clock, connection.log);
    this.#outgoing = new OutgoingParcels(connection);
    this.#incoming = new IncomingParcels(connection);
  }

  /** Messages that could not be used. */
  get dropped(): number {
    return this.#complaints.count;
  }

  toExecutor(executor: ExecutorId, message: ExecutorMessage, isWanted?: () => boolean): void {
    this.#send(this.#subject("command", tokensOf(executor)), message, isWanted);
  }

  toExecutors(message: ExecutorMessage): void {
    this.#send(this.#subject("commands"), message);
  }

  /** U5. */
  toCoordinator(coordinator: CoordinatorId, message: Offer): void {
    const subject = this.#subject("offer", tokensOf(coordinator), tokensOf(message.executor));
    const isWaiting = this.#offers.has(subject);
    this.#offers.set(subject, message);
    if (isWaiting) return;
    this.#connection.beforeSending(() => {
      const newest = this.#offers.get(subject);
      this.#offers.delete(subject);
      if (newest !== undefined) this.#send(subject, newest);
    });
  }

  toCoordinators(message: Pulse): void {
    this.#send(this.#subject("pulse", tokensOf(message.executor)), message);
  }

  toOwner(message: Report): void {
    const partition = partitionToken(partitionOf(message.key.plan));
    this.#send(this.#subject("report", partition, tokensOf(message.executor)), message);
  }

  live(message: LiveMessage): void {
    if (this.#executor === undefined) return;
    const subject = this.#subject("live", message.plan, tokensOf(this.#executor));
    const bytes = this.#envelopes.wrap(TYPE + message.kind, Buffer.from(JSON.stringify(message)));
    // The live channel is lossy by design: what is too large is not said.
    if (bytes.length <= this.#connection.maxPayloadBytes) this.#connection.publish(subject, bytes);
  }

  onExecutor(executor: ExecutorId, handler: (message: ExecutorMessage) => void): Disposable {
    this.#executor = executor;
    const taking = { decode: decodeForExecutor, trusted: (message: ExecutorMessage) => message, handler };
    return together([
      this.#listen(this.#subject("command", tokensOf(executor)), taking),
      this.#listen(this.#subject("commands"), taking),
    ]);
  }

  onCoordinator(coordinator: CoordinatorId, handler: (message: Offer | Pulse) => void): Disposable {
    return together([
      this.#listen(this.#subject("offer", tokensOf(coordinator), "*.*"), {
        decode: decodeForCoordinator,
        trusted: (message, [, , , ...sender]) =>
          message.kind === "offer" && isFrom(message, sender) ? message : undefined,
        handler,
      }),
      this.#listen(this.#subject("pulse", "*.*"), {
        decode: decodeForCoordinator,
        trusted: (message, [, ...sender]) => (isPulse(message) && isFrom(message, sender) ? message : undefined),
        handler,
      }),
    ]);
  }

  onPartition(partition: number, handler: (message: Report) => void): Disposable {
    return this.#listen(this.#subject("report", partitionToken(partition), "*.*"), {
      decode: decodeForCoordinator,
      trusted: (message, [, , ...sender]) =>
        message.kind === "report" && isFrom(message, sender) && partitionOf(message.key.plan) === partition
          ? message
          : undefined,
      salvage: unreadableReport,
      handler,
    });
  }

  onLive(handler: (message: LiveMessage) => void): Disposable {
    return this.#listen(this.#subject("live", ">"), {
      decode: decodeLive,
      trusted: (message, [, plan]) => (message.plan === plan ? message : undefined),
      handler,
    });
  }

  /** Resolves when the server has all that was sent, and knows of all that listens. Faults: `nats-unavailable`. */
  flush(): Promise<void> {
    return this.#connection.flush();
  }

  /** The connection stays; it is its owner's. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const listening of this.#listening) listening[Symbol.dispose]();
    this.#outgoing[Symbol.dispose]();
  }

  #subject(...tokens: readonly string[]): string {
    return subjectOf(this.#connection.namespace, ...tokens);
  }

  #send(subject: string, message: ExecutorMessage | CoordinatorMessage, isWanted?: () => boolean): void {
    if (!this.#connection.isConnected) return;
    const options = isWanted === undefined ? {} : { isWanted };
    const bytes = encodeMessage(message);
    const whole = this.#envelopes.wrap(TYPE + message.kind, bytes);
    const from = senderOf(message);
    if (whole.length <= this.#connection.maxPayloadBytes || from === undefined) {
      this.#connection.publish(subject, whole, options);
      return;
    }
    try {
      const notice = this.#outgoing.keep(from, bytes);
      this.#connection.publish(subject, this.#envelopes.wrap(PARCEL, Buffer.from(JSON.stringify(notice))), options);
    } catch (error) {
      this.#complaints.about(subject, textOf(error));
    }
  }

  #listen<M, T>(subject: string, taking: Taking<M, T>): Disposable {
    const listening = this.#connection.listen(subject, {
      handler: (incoming) => {
        this.#receive(incoming, taking);
      },
    });
    this.#listening.add(listening);
    return {
      [Symbol.dispose]: () => {
        this.#listening.delete(listening);
        listening[Symbol.dispose]();
      },
    };
  }

  #receive<M, T>({ subject, data }: NatsMessage, taking: Taking<M, T>): void {
    const read = this.#orSalvaged({ subject, bytes: data, taking }, () =>
      readEnvelope(data, ({ type, data: body }) =>
        type === PARCEL ? { notice: noticeOf(body) } : { message: taking.decode(body) },
      ),
    );
    if (read === undefined) return;
    if ("message" in read) {
      this.#deliver(subject, read.message, taking);
      return;
    }
    this.#incoming.fetch(read.notice, (bytes) => {
      const fetched = this.#orSalvaged({ subject, bytes, taking }, () => ({ message: taking.decode(bytes) }));
      if (fetched !== undefined) this.#deliver(subject, fetched.message, taking);
    });
  }

  #deliver<M, T>(subject: string, message: M, { trusted, handler }: Taking<M, T>): void {
    const believed = trusted(message, tokensBelow(subject));
    if (believed === undefined) this.#complaints.about(subject, "it says something else than its subject");
    else handler(believed);
  }

  /** What is no message is dropped, or is what can be told of it. Either way it is counted. */
  #orSalvaged<M, T, R>({ subject, bytes, taking }: Received<M, T>, read: () => R): R | { message: M } | undefined {
    try {
      return read();
    } catch (error) {
      const why = textOf(error);
      this.#complaints.about(subject, why);
      const message = taking.salvage?.(bytes, why);
      const isBelieved = message !== undefined && taking.trusted(message, tokensBelow(subject)) !== undefined;
      return isBelieved ? { message } : undefined;
    }
  }
}

/** How messages of some subjects are taken. */
interface Taking<M, T> {
  /** Fault: `malformed-message`. */
  readonly decode: (bytes: Uint8Array) => M;
  /** The message, unless it contradicts the tokens of its subject. */
  readonly trusted: (message: M, tokens: readonly string[]) => T | undefined;
  /** What can be told of something that is no message, and why it is none. */
  readonly salvage?: (bytes: Uint8Array, why: string) => M | undefined;
  readonly handler: (message: T) => void;
}

interface Received<M, T> {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly taking: Taking<M, T>;
}

function noticeOf(bytes: Uint8Array): ParcelNotice {
  const read = parcelNotice.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  if (read.success) return read.data;
  throw new Fault("malformed-message", "this is no notice of a parcel");
}

function isPulse(message: CoordinatorMessage): message is Pulse {
  return message.kind === "alive" || message.kind === "gone";
}

function isFrom({ executor }: { readonly executor: ExecutorId }, tokens: readonly string[]): boolean {
  return tokensOf(executor) === tokens.join(".");
}

/** Whose parcel it would be; small messages have no sender in them. */
function senderOf(message: ExecutorMessage | CoordinatorMessage): string | undefined {
  if ("executor" in message) return message.executor;
  return "from" in message ? message.from : undefined;
}

function together(parts: readonly Disposable[]): Disposable {
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}
