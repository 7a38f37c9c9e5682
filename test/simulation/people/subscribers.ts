import type { RecordedEvent } from "#events/envelope.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import type { Desk } from "./desk.ts";

// Somebody who follows all that happens, over connections that break at any time, with the process that served them or
// without.
//
// F1. Every event of the log comes once and in its order, and as it is in the log, whatever happened to connections.
// F2. Nothing comes that is not in the log yet.

const MAX_CONNECTED_MS = 15_000;

export class Subscribers {
  private readonly desk: Desk;
  /** Position of the last event that came. */
  private last = -1;
  private connection: AbortController | undefined;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Whether all of the log has come. */
  get isUpToDate(): boolean {
    return this.last === this.desk.cluster.contents.log.length - 1;
  }

  look(): void {
    const { world, cluster } = this.desk;
    const holder = cluster.holders.at(world.random.int(0, cluster.coordinators - 1));
    if (holder === undefined || this.connection !== undefined) return;
    const connection = new AbortController();
    this.connection = connection;
    const events = holder.events.subscribe({ after: this.last, signal: connection.signal });
    void this.follow(events, connection).catch((error: unknown) =>
      world.note(`a subscriber lost it: ${String(error)}`),
    );
    world.schedule(world.random.next() * MAX_CONNECTED_MS, () => this.hangUp(connection));
  }

  private hangUp(connection: AbortController): void {
    connection.abort();
    if (this.connection === connection) this.connection = undefined;
  }

  private async follow(events: AsyncIterable<RecordedEvent>, connection: AbortController): Promise<void> {
    try {
      for await (const event of events) {
        // What was under way when the connection broke does not come any more.
        if (connection.signal.aborted) return;
        this.desk.guard(() => this.take(event));
      }
    } finally {
      this.hangUp(connection);
    }
  }

  private take(event: RecordedEvent): void {
    const { judge, cluster } = this.desk;
    const { log } = cluster.contents;
    const [recorded] = eventsAt(log.slice(event.position, event.position + 1));
    if (event.position !== this.last + 1)
      judge.fail("subscribers", `position ${event.position} came after ${this.last}`);
    if (recorded?.id !== event.id || recorded.type !== event.type)
      judge.fail("subscribers", `position ${event.position} came as ${event.type}, and is ${recorded?.type}`);
    this.last = event.position;
  }
}
