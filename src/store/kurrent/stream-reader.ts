import type { RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import type { ReadOptions } from "#src/ports/event-store.ts";
import { answersOf } from "#src/store/kurrent/answers.ts";
import type { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { damagedStream } from "#src/store/kurrent/faults.ts";
import { recordedOf } from "#src/store/kurrent/records.ts";

// One stream, both ways. The leader is asked: who recovers must not decide from what a follower has not heard yet.
//
// R1. A stream of ours has every revision from 0. One that was truncated ($maxCount, $maxAge, truncateBefore), deleted and begun
//     again, or written to by another program is refused. Nothing here sets any of these, and when the server made an event (`created`,
//     which reads cut to seconds) is not looked at.

export interface ReaderOptions {
  readonly connection: KurrentConnection;
  /** Stands before the names of our streams, so that several installations share a server. */
  readonly namespace: string;
}

export class StreamReader {
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
    // The client refuses a count of 0.
    if (limit <= 0) return;
    if (direction === "forwards") {
      const first = Math.max(from ?? 0, 0);
      yield* this.whole(stream, { direction, fromRevision: BigInt(first), maxCount: limit }, first);
    } else if (from === undefined || from >= 0) {
      const fromRevision = await this.endOf(stream, from);
      yield* this.whole(stream, { direction, fromRevision, maxCount: limit });
    }
  }

  /** Without gap (R1). `first`: the revision that has to come first, if anything comes. */
  private async *whole(stream: StreamName, asked: Asked, first?: number): AsyncGenerator<RecordedEvent> {
    const { server } = this.connection;
    const step = asked.direction === "forwards" ? 1 : -1;
    let next = first;
    const answers = answersOf(this.connection, (client) =>
      client.readStream(this.nameOf(stream), { ...asked, ...this.connection.asReader }),
    );
    for await (const resolved of answers) {
      const event = recordedOf(resolved, this.namespace);
      if (event === undefined) throw damagedStream(stream, server, "has an event of another program");
      if (event.revision !== (next ?? event.revision))
        throw damagedStream(stream, server, `goes on at revision ${event.revision} where ${next} is wanted`);
      next = event.revision + step;
      yield event;
    }
  }

  /** Where reading backwards begins: the server gives nothing from behind the end. */
  private async endOf(stream: StreamName, from: number | undefined): Promise<bigint | "end"> {
    if (from === undefined) return "end";
    for await (const { revision } of this.read(stream, { direction: "backwards", limit: 1 })) {
      return revision <= from ? "end" : BigInt(from);
    }
    return "end";
  }
}

interface Asked {
  readonly direction: "forwards" | "backwards";
  readonly fromRevision: bigint | "end";
  readonly maxCount: number;
}
