import type { StreamInfo } from "@nats-io/jetstream";
import type { KV, KvEntry } from "@nats-io/kv";
import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";
import type { LeaseChange, LeaseEntry, LeaseList, Leases } from "#src/ports/leases.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { isJetStreamError, JETSTREAM, natsFault } from "#src/nats/faults.ts";
import { loadKeyValue } from "#src/nats/packages.ts";
import { openStream, type OpenedStream } from "#src/nats/streams.ts";
import { bucketOf } from "#src/nats/subjects.ts";

// Leases in a bucket of JetStream's key-value store.
//
// V1. A revision is the sequence of the bucket's stream on top of the time it was made: larger ones follow also in a bucket
//     that was lost and made again, and none is used twice (L2 of the port).
// V2. What is read comes from the stream's leader: `allow_direct` would let a replica answer with what was.
// V3. A removed key stays as a marker, so that who watches hears of it; markers older than a day are removed when a bucket is
//     opened, by their sequence: a key that was set meanwhile has another one. The newest entry of all always stays.
// V4. A watch begins anew whenever the connection is back. All else has an end: in between two requests it may never settle.

const MARKER_KEPT_MS = 24 * 60 * 60 * 1_000;
const WATCH_AGAIN_AFTER_MS = 250;
/** How long anything may take: more than the client itself gives each request. */
const SETTLED_WITHIN_MS = 6_000;

/** Changes a second that a bucket may have had on average before V1 fails. */
const REVISIONS_PER_SECOND = 2 ** 20;
const MS_PER_SECOND = 1_000;
/** Revisions stay below 2^53 until the year 2296. */
const FIRST_SECOND = Date.UTC(2024, 0) / MS_PER_SECOND;

export interface NatsLeasesOptions {
  /** Copies of the bucket, when it is made. */
  readonly replicas?: number;
}

/** Makes the bucket where it is missing. Faults: `nats-settings-differ`, and the retryable ones of `natsFault`. */
export async function openNatsLeases(connection: NatsConnection, options: NatsLeasesOptions = {}): Promise<NatsLeases> {
  const bucket = bucketOf(connection.namespace, "leases");
  const stream = await openStream(connection, {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    description: "Who is there, and who owns which partition",
    limits: { max_msgs_per_subject: 1, allow_rollup_hdrs: true },
    ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
  });
  const { Kvm } = await loadKeyValue();
  const kv = await new Kvm(stream.client).open(bucket, { allow_direct: false });
  // Whoever opens the bucket next removes what is left of them.
  await removeOldMarkers(kv, stream, connection.clock).catch((error: unknown) => {
    const { message } = natsFault(error, connection.servers, `removing old markers of ${bucket}`);
    connection.log.warn(message);
  });
  return new NatsLeases(connection, kv, stream);
}

/** What a server's clock says. */
export interface ServerTime {
  /** Of this machine's, in ms; negative where it is behind. */
  readonly aheadMs: number;
  /** It may be so much more or less. */
  readonly unsureMs: number;
}

/** One key for all: the newest put counts, whoever's it is. */
const CLOCK = "clock";

export class NatsLeases implements Leases {
  readonly #connection: NatsConnection;
  readonly #kv: KV;
  readonly #stream: OpenedStream;
  /** What a revision is beyond the sequence (V1). */
  #base: number;
  readonly #closing = new AbortController();

  constructor(connection: NatsConnection, kv: KV, stream: OpenedStream) {
    this.#connection = connection;
    this.#kv = kv;
    this.#stream = stream;
    this.#base = baseOf(stream.info);
  }

  async put(key: string, value: Json, expected: number): Promise<number | undefined> {
    if (expected !== 0 && this.#seq(expected) <= 0) return undefined;
    const bytes = Buffer.from(JSON.stringify(value));
    return this.#changed(key, async () => {
      const seq =
        expected === 0 ? await this.#kv.create(key, bytes) : await this.#kv.update(key, bytes, this.#seq(expected));
      return seq + this.#base;
    });
  }

  async remove(key: string, expected: number): Promise<boolean> {
    if (this.#seq(expected) <= 0) return false;
    const removed = await this.#changed(key, () =>
      this.#kv.delete(key, { previousSeq: this.#seq(expected) }).then(() => true),
    );
    return removed === true;
  }

  async list(): Promise<LeaseList> {
    this.#assertConnected();
    try {
      const { entries, info } = await newestEntries(this.#kv, this.#stream, this.#connection.clock);
      this.#base = baseOf(info);
      const there = entries.filter(({ operation }) => operation === "PUT").map((entry) => this.#entryOf(entry));
      return { entries: there, asOf: info.state.last_seq + this.#base };
    } catch (error) {
      throw this.#unavailable(error, "listing leases");
    }
  }

  async *watch(signal: AbortSignal): AsyncGenerator<LeaseChange> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const seen = new Map<string, number>();
    while (!ending.aborted) {
      try {
        for await (const entry of this.#watched(ending)) {
          const change = this.#changeOf(entry);
          if (change.revision <= (seen.get(change.key) ?? 0)) continue;
          seen.set(change.key, change.revision);
          yield change;
        }
      } catch (error) {
        this.#connection.log.debug("the watch of leases begins anew", { error });
      }
      await sleep(this.#connection.clock, WATCH_AGAIN_AFTER_MS, ending).catch(() => undefined);
    }
  }

  get servers(): string {
    return this.#connection.servers;
  }

  /** By when the server keeps what is put now, however long its answer takes. Fault: `leases-unavailable`. */
  async serverTime(): Promise<ServerTime> {
    this.#assertConnected();
    const { clock } = this.#connection;
    try {
      const [from, began] = [clock.now(), clock.monotonic()];
      await settled(clock, this.#kv.put(CLOCK, ""));
      const created = (await settled(clock, this.#kv.get(CLOCK)))?.created.getTime();
      const tookMs = clock.monotonic() - began;
      if (created === undefined) throw new Error("what was put is not there");
      return { aheadMs: created - (from + tookMs / 2), unsureMs: tookMs / 2 };
    } catch (error) {
      throw this.#unavailable(error, "asking for the time");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }

  /** Until the signal, the connection's next return, or an error. */
  async *#watched(signal: AbortSignal): AsyncGenerator<KvEntry> {
    const ending = new AbortController();
    const end = (): void => {
      ending.abort();
    };
    const returning = this.#connection.onReturn(end);
    signal.addEventListener("abort", end);
    try {
      // The bucket may be another one than before.
      const { clock } = this.#connection;
      const { manager, info } = this.#stream;
      this.#base = baseOf(await settled(clock, manager.streams.info(info.config.name)));
      const watch = await settled(clock, this.#kv.watch(), stop);
      ending.signal.addEventListener("abort", () => {
        watch.stop();
      });
      if (ending.signal.aborted) watch.stop();
      yield* watch;
    } finally {
      returning[Symbol.dispose]();
      signal.removeEventListener("abort", end);
      end();
    }
  }

  async #changed<T>(key: string, change: () => Promise<T>): Promise<T | undefined> {
    this.#assertConnected();
    try {
      return await settled(this.#connection.clock, change());
    } catch (error) {
      if (isJetStreamError(error, JETSTREAM.wrongLastSequence)) return undefined;
      throw this.#unavailable(error, `changing ${key}`);
    }
  }

  #assertConnected(): void {
    if (this.#connection.isConnected) return;
    throw this.#unavailable(new Error("not connected"), "reaching the leases");
  }

  #unavailable(error: unknown, doing: string): Fault<"leases-unavailable"> {
    const { message } = natsFault(error, this.#connection.servers, doing);
    return new Fault("leases-unavailable", message, { retryable: true, cause: error });
  }

  #seq(revision: number): number {
    return revision - this.#base;
  }

  #entryOf(entry: KvEntry): LeaseEntry {
    return { key: entry.key, value: valueOf(entry), revision: entry.revision + this.#base };
  }

  #changeOf(entry: KvEntry): LeaseChange {
    if (entry.operation === "PUT") return this.#entryOf(entry);
    return { key: entry.key, revision: entry.revision + this.#base };
  }
}

/** What somebody else has written there, and cannot be read, counts as null. */
function valueOf(entry: KvEntry): Json {
  try {
    return json.parse(JSON.parse(entry.string()));
  } catch {
    return null;
  }
}

function baseOf({ created }: Pick<StreamInfo, "created">): number {
  const second = Math.floor(Date.parse(created) / MS_PER_SECOND) - FIRST_SECOND;
  return second * REVISIONS_PER_SECOND;
}

interface Newest {
  /** Markers of removed keys among them. */
  readonly entries: readonly KvEntry[];
  /** Of before they were asked for. */
  readonly info: StreamInfo;
}

/**
 * Key by key. A consumer of all would end with the message that says that none is left, and servers miscount what is replaced while it
 * is sent: under constant renewals 2.9.10 may never say it, and the list never ends.
 */
async function newestEntries(kv: KV, { info: { config }, manager }: OpenedStream, clock: Clock): Promise<Newest> {
  const prefix = `$KV.${config.name.slice("KV_".length)}.`;
  const info = await settled(clock, manager.streams.info(config.name, { subjects_filter: `${prefix}>` }));
  const keys = Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  const found = await settled(clock, Promise.all(keys.map((key) => kv.get(key))));
  return { entries: found.filter((entry) => entry !== null), info };
}

/** V4. Rejects when it takes longer; then `drop` takes what comes too late. */
async function settled<T>(clock: Clock, work: Promise<T>, drop: (late: T) => void = () => undefined): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.after(SETTLED_WITHIN_MS, () => {
    late.reject(new Error(`nothing came within ${SETTLED_WITHIN_MS} ms`));
    work.then(drop, () => undefined);
  });
  return Promise.race([work, late.promise]).finally(() => timer[Symbol.dispose]());
}

function stop(watching: { stop(): void }): void {
  watching.stop();
}

async function removeOldMarkers(kv: KV, stream: OpenedStream, clock: Clock): Promise<void> {
  const { entries, info } = await newestEntries(kv, stream, clock);
  const newest = Math.max(0, ...entries.map(({ revision }) => revision));
  for (const { operation, created, revision } of entries) {
    const isOld = operation !== "PUT" && created.getTime() < clock.now() - MARKER_KEPT_MS && revision < newest;
    // Somebody else may be doing the same.
    if (isOld) await stream.manager.streams.deleteMessage(info.config.name, revision).catch(() => false);
  }
}
