import type { EventData, KurrentDBClient } from "@kurrent/kurrentdb-client";
import { Fault } from "#events/fault.ts";
import type { Batch, RecordedEvent } from "#events/envelope.ts";
import { eventIdOf } from "#events/ids.ts";
import type { StreamName } from "#events/streams.ts";
import {
  StreamConflict,
  type AppendResult,
  type EventStore,
  type ReadAllOptions,
  type ReadOptions,
  type SubscribeOptions,
} from "#src/ports/event-store.ts";
import { encodeBatch, isRepeat, type EncodedBatch } from "#src/store/batch.ts";
import type { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { appendFault, isOfType } from "#src/store/kurrent/faults.ts";
import { LogReader } from "#src/store/kurrent/log-reader.ts";
import { positionOf, recordsOf } from "#src/store/kurrent/records.ts";
import { StreamReader } from "#src/store/kurrent/stream-reader.ts";
import { followAll, type FollowOptions } from "#src/store/kurrent/subscription.ts";

// The log on EventStoreDB or KurrentDB.
//
// E1. Always the exact revision, never `any`: only then does the server recognize an append that is sent again, also after it was
//     started again.
// E2. The server takes the same ids with another content for a repetition, and drops the content without a word. An answer whose position is not
//     behind all that were known before is such a repetition, and is compared with what is there.
// E3. A revision that is not the expected one may be that of an append of ours whose answer was lost: what is there is looked at
//     before anybody is told of a conflict.

/** A batch on its way: as it was handed over, whatever its sender does to it meanwhile. */
interface Sent {
  readonly batch: Batch;
  readonly encoded: EncodedBatch;
  readonly records: readonly EventData[];
}

export class KurrentEventStore implements EventStore {
  readonly isShared = true;
  private readonly connection: KurrentConnection;
  private readonly following: Omit<FollowOptions, "closed" | "events">;
  private readonly streams: StreamReader;
  private readonly log: LogReader;
  private readonly closing = new AbortController();
  /** The last append to each stream that is under way; it does not reject. */
  private readonly appending = new Map<StreamName, Promise<void>>();
  /** The last position that is known to be in the log. */
  private known: Promise<number> | undefined;
  private knownPosition = -1;

  constructor(options: Omit<FollowOptions, "closed" | "events">) {
    this.following = options;
    this.connection = options.connection;
    this.streams = new StreamReader(options);
    this.log = new LogReader(options);
  }

  async append(batch: Batch): Promise<AppendResult> {
    const encoded = encodeBatch(batch);
    const { stream, expectedRevision } = batch;
    const sent: Sent = { batch, encoded, records: recordsOf(encoded, batch) };
    return this.inOrder(stream, async () => {
      const before = await this.knownBefore();
      const answer = await this.send(await this.connection.client(), sent);
      if (answer === undefined || answer <= before) return this.answerAgain(sent);
      this.knownPosition = Math.max(this.knownPosition, answer);
      return { revision: expectedRevision + encoded.count, position: answer };
    });
  }

  read(stream: StreamName, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return this.streams.read(stream, options);
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    return this.log.read(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent> {
    return followAll({ ...this.following, events: this.log, closed: this.closing.signal }, options);
  }

  async revision(stream: StreamName): Promise<number> {
    for await (const { revision } of this.streams.read(stream, { direction: "backwards", limit: 1 })) return revision;
    return -1;
  }

  head(): Promise<number> {
    return this.log.head();
  }

  /** Ends the subscriptions; the connection is who opened it's to close. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
  }

  /** The position of the last event; undefined when the stream is at another revision. */
  private async send(client: KurrentDBClient, { batch, records }: Sent): Promise<number | undefined> {
    const { server } = this.connection;
    const { stream, expectedRevision } = batch;
    const streamState = expectedRevision < 0 ? ("no_stream" as const) : BigInt(expectedRevision);
    try {
      const appending = client.appendToStream(this.streams.nameOf(stream), [...records], { streamState });
      const { position } = await this.connection.answered(client, appending);
      if (position === undefined) throw new Error("the answer names no position");
      return positionOf(position.commit);
    } catch (error) {
      if (isOfType(error, "wrong-expected-version")) return undefined;
      if (isOfType(error, "maximum-append-size-exceeded")) throw tooLarge(batch, server);
      throw appendFault(error, server);
    }
  }

  /** What an append of ours at this revision was answered with. Faults: `batch-mismatch`, `stream-conflict`. */
  private async answerAgain({ batch, encoded }: Sent): Promise<AppendResult> {
    const { stream, expectedRevision } = batch;
    const there: RecordedEvent[] = [];
    // One more than it has: what is there may be longer, and is another batch then.
    const reading = this.streams.read(stream, { from: encoded.revision, limit: encoded.count + 1 });
    for await (const event of reading) if (event.origin.batch === batch.id) there.push(event);
    const [first] = there;
    const last = there.at(-1);
    if (first === undefined || last === undefined || first.id !== eventIdOf(batch.id, 0)) {
      throw new StreamConflict(stream, expectedRevision, await this.revision(stream));
    }
    const stored = encodeBatch({ ...batch, origin: first.origin, events: there });
    isRepeat({ ...stored, position: first.position }, encoded);
    return { revision: last.revision, position: last.position };
  }

  /** One append to a stream at a time: the client does not promise that the second of two goes out behind the first. */
  private async inOrder<T>(stream: StreamName, append: () => Promise<T>): Promise<T> {
    const before = this.appending.get(stream);
    const appended = before === undefined ? append() : before.then(append);
    const settled = appended.then(
      () => undefined,
      () => undefined,
    );
    this.appending.set(stream, settled);
    try {
      return await appended;
    } finally {
      if (this.appending.get(stream) === settled) this.appending.delete(stream);
    }
  }

  private async knownBefore(): Promise<number> {
    this.known ??= this.head();
    try {
      this.knownPosition = Math.max(this.knownPosition, await this.known);
    } catch (error) {
      this.known = undefined;
      throw error;
    }
    return this.knownPosition;
  }
}

function tooLarge(batch: Batch, server: string): Fault<"batch-too-large"> {
  return new Fault("batch-too-large", `batch ${batch.id} for ${batch.stream} is larger than ${server} accepts`, {
    details: { batch: batch.id, stream: batch.stream },
  });
}
