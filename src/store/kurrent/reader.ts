import type { KurrentDBClient, Filter } from "@kurrent/kurrentdb-client";
import type { RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import type { ReadAllOptions, ReadOptions } from "#src/ports/event-store.ts";
import type { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { isOfType, readFault } from "#src/store/kurrent/faults.ts";
import { recordedOf, type Resolved } from "#src/store/kurrent/records.ts";

// Reading, both ways. The leader is asked: who recovers must not decide from what a follower has not heard yet.
//
// R1. The server reads backwards from a revision inclusive and from a position of the whole log exclusive; the port is inclusive in both.
// R2. Every answer has a bound; one that does not come, or a server that is away, renews the client.

export interface ReaderOptions {
  readonly connection: KurrentConnection;
  /** Stands before the names of our streams, so that several deployments share a server. */
  readonly namespace: string;
}

export class KurrentReader {
  private readonly connection: KurrentConnection;
  private readonly namespace: string;

  constructor({ connection, namespace }: ReaderOptions) {
    this.connection = connection;
    this.namespace = namespace;
  }

  nameOf(stream: StreamName): string {
    return `${this.namespace}${stream}`;
  }

  async *read(stream: StreamName, options: ReadOptions): AsyncGenerator<RecordedEvent> {
    const { direction = "forwards", from, limit = Number.MAX_SAFE_INTEGER } = options;
    if (limit <= 0 || (from !== undefined && from < 0 && direction === "backwards")) return;
    const start = direction === "forwards" ? BigInt(Math.max(from ?? 0, 0)) : await this.endOf(stream, from);
    yield* this.decoded(limit, (client) =>
      client.readStream(this.nameOf(stream), { direction, fromRevision: start, maxCount: limit, requiresLeader: true }),
    );
  }

  async *readAll(options: ReadAllOptions): AsyncGenerator<RecordedEvent> {
    const { direction = "forwards", limit = Number.MAX_SAFE_INTEGER } = options;
    if (limit > 0) yield* direction === "forwards" ? this.onwards(options, limit) : this.backwards(options, limit);
  }

  private onwards({ from = 0, typePrefix }: ReadAllOptions, limit: number): AsyncGenerator<RecordedEvent> {
    const fromPosition = from <= 0 ? ("start" as const) : placeOf(from);
    const filter = this.filterOf(typePrefix);
    return this.decoded(limit, (client) =>
      client.readAll({ direction: "forwards", fromPosition, filter, requiresLeader: true }),
    );
  }

  private async *backwards({ from, typePrefix }: ReadAllOptions, limit: number): AsyncGenerator<RecordedEvent> {
    let left = limit;
    if (from !== undefined) {
      for await (const event of this.onwards({ from, ...(typePrefix === undefined ? {} : { typePrefix }) }, 1)) {
        if (event.position !== from) break;
        left--;
        yield event;
      }
      if (from <= 0 || left === 0) return;
    }
    const fromPosition = from === undefined ? ("end" as const) : placeOf(from);
    const filter = this.filterOf(typePrefix);
    yield* this.decoded(left, (client) =>
      client.readAll({ direction: "backwards", fromPosition, filter, requiresLeader: true }),
    );
  }

  /** The server filters by one thing; what else it has is left out here. */
  private filterOf(typePrefix = ""): Filter {
    return typePrefix === "" ? streamsWith(this.namespace) : typesWith(typePrefix);
  }

  /** Where reading backwards begins: the server gives nothing from behind the end. */
  private async endOf(stream: StreamName, from: number | undefined): Promise<bigint | "end"> {
    if (from === undefined) return "end";
    for await (const { revision } of this.read(stream, { direction: "backwards", limit: 1 })) {
      return revision <= from ? "end" : BigInt(from);
    }
    return "end";
  }

  private async *decoded(
    limit: number,
    begin: (client: KurrentDBClient) => AsyncIterable<Resolved>,
  ): AsyncGenerator<RecordedEvent> {
    let left = limit;
    for await (const resolved of this.bounded(begin)) {
      const event = recordedOf(resolved, this.namespace);
      if (event === undefined) continue;
      yield event;
      if (--left <= 0) return;
    }
  }

  /** Each next answer within its bound; nothing where there is no such stream. */
  private async *bounded(begin: (client: KurrentDBClient) => AsyncIterable<Resolved>): AsyncGenerator<Resolved> {
    const { connection } = this;
    const client = await connection.client();
    let reading: AsyncIterator<Resolved> | undefined;
    try {
      reading = begin(client)[Symbol.asyncIterator]();
      for (;;) {
        const next = await connection.answered(client, reading.next());
        if (next.done === true) return;
        yield next.value;
      }
    } catch (error) {
      if (isOfType(error, "stream-not-found")) return;
      if (isOfType(error, "unavailable")) connection.renew(client);
      throw readFault(error, connection.server);
    } finally {
      void reading?.return?.();
    }
  }
}

/** Events of ours: an append has no commit record of its own, so both halves of a position are the same. */
export function placeOf(position: number): { commit: bigint; prepare: bigint } {
  return { commit: BigInt(position), prepare: BigInt(position) };
}

/** Our streams; without a namespace all that are not the server's own. */
export function streamsWith(prefix: string): Filter {
  const common = { filterOn: "streamName" as const, checkpointInterval: 1 };
  return prefix === "" ? { ...common, regex: "^[^$]" } : { ...common, prefixes: [prefix] };
}

function typesWith(prefix: string): Filter {
  return { filterOn: "eventType", checkpointInterval: 1, prefixes: [prefix] };
}
