import type { NatsConnection } from "#src/nats/connection.ts";
import { subjectOf } from "#src/nats/subjects.ts";
import { sleep } from "#src/ports/clock.ts";

// What several processes would make at the same moment, such as a stream, is made by one of them after the other.
//
// I1. Servers before 2.9.16 make two streams of one name when two processes ask at once. Both keep what is published, and each
//     refuses and grants by its own count: two coordinators could both be the first to change a lease.
// I2. Whoever wants to make it says so and listens: the earliest connection goes first, and one that is making it before all.
//     Before it makes anything it has waited for objections, and read whatever the server had for it by then.
// I3. Whose turn it is not listens without a word until the thing is there, or all are silent: who asks again and again
//     keeps the first one waiting for objections.
// I4. Who may not speak or listen here hears no objection, and makes it as before.

/** The first release that sees to it itself. */
const SAFE_SINCE = [2, 9, 16] as const;

const OBJECTIONS_WITHIN_MS = 100;
const LOOKS_EVERY_MS = 50;
/** Whose turn it is may be gone. */
const SILENT_MS = 1_000;
const NEVER = new AbortController().signal;

/** What the winner says while it makes it: before every connection. */
const MAKING = 0;

export interface Making<T> {
  /** What the turn is about: one token of a subject. */
  readonly name: string;
  readonly there: () => Promise<T | undefined>;
  readonly make: () => Promise<T>;
}

/** What is there, or was made now. */
export async function madeInTurn<T>(connection: NatsConnection, { name, there, make }: Making<T>): Promise<T> {
  const making = async (): Promise<T> => (await there()) ?? (await make());
  if (isSafe(connection.client.info?.version ?? "")) return making();
  for (;;) {
    const found = await there();
    if (found !== undefined) return found;
    using turn = new Turn(connection, name);
    if (await turn.comes()) return await making();
    const others = await turn.passes(there);
    if (others !== undefined) return others;
  }
}

/** Turns of this process that are told from each other: where two of its parts want to make the same. */
const TURNS = 1_000;
let turns = 0;

class Turn implements Disposable {
  private readonly connection: NatsConnection;
  private readonly subject: string;
  private readonly listening: Disposable;
  /** The number of this connection, in the order in which the server took them, and below one that of the turn. */
  private rank: number;
  private isOthers = false;
  private heard = 0;
  /** Monotonic ms. */
  private heardAt = 0;

  constructor(connection: NatsConnection, name: string) {
    this.connection = connection;
    this.subject = subjectOf(connection.namespace, "making", name);
    this.rank = (connection.client.info?.client_id ?? 0) + (++turns % TURNS) / TURNS;
    this.listening = connection.listen(this.subject, { handler: ({ data }) => this.hear(Number(Buffer.from(data))) });
  }

  /** Whether it is this process that makes it now. */
  async comes(): Promise<boolean> {
    const { clock } = this.connection;
    this.say();
    for (let heard = -1; heard < this.heard && !this.isOthers;) {
      heard = this.heard;
      await sleep(clock, OBJECTIONS_WITHIN_MS, NEVER);
      // The server's answer comes after all that it had for this connection before.
      await this.connection.flush();
    }
    if (!this.isOthers) this.rank = MAKING;
    return !this.isOthers;
  }

  /** I3: what another one has made; undefined when nobody says anything any more. */
  async passes<T>(there: () => Promise<T | undefined>): Promise<T | undefined> {
    const { clock } = this.connection;
    for (;;) {
      await sleep(clock, LOOKS_EVERY_MS, NEVER);
      const found = await there();
      if (found !== undefined || clock.monotonic() - this.heardAt > SILENT_MS) return found;
    }
  }

  [Symbol.dispose](): void {
    this.listening[Symbol.dispose]();
  }

  private hear(rank: number): void {
    // Its own word, or that of an earlier turn that it has had.
    if (rank === this.rank || Number.isNaN(rank)) return;
    this.heardAt = this.connection.clock.monotonic();
    if (rank < this.rank) this.isOthers = true;
    else if (!this.isOthers) {
      this.heard++;
      this.say();
    }
  }

  private say(): void {
    this.connection.publish(this.subject, Buffer.from(String(this.rank)));
  }
}

function isSafe(version: string): boolean {
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, safe] of SAFE_SINCE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== safe) return part > safe;
  }
  return true;
}
