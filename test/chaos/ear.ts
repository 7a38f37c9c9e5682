import { systemClock } from "#src/ports/system/clock.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import type { NatsServer } from "../nats/server.ts";

// Hears every run that a coordinator sends to an executor, on the wire.

interface HeardRun {
  /** Id of the coordinator. */
  readonly from: string;
  readonly plan: string;
  readonly epoch: number;
  /** Monotonic ms. */
  readonly atMs: number;
}

interface Said {
  readonly data?: {
    readonly kind?: string;
    readonly from?: string;
    readonly key?: { readonly plan: string; readonly epoch: number };
  };
}

export class Ear implements AsyncDisposable {
  readonly runs: HeardRun[] = [];
  readonly connection: NatsConnection;

  private constructor(connection: NatsConnection) {
    this.connection = connection;
    connection.listen("planwright.default.command.>", { handler: ({ data }) => this.hear(data) });
  }

  static async open(server: NatsServer): Promise<Ear> {
    return new Ear(await server.connect({ name: "ear" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }

  private hear(bytes: Uint8Array): void {
    const { data } = JSON.parse(Buffer.from(bytes).toString()) as Said;
    const { kind, from, key } = data ?? {};
    if (kind !== "run" || from === undefined || key === undefined) return;
    this.runs.push({ from, plan: key.plan, epoch: key.epoch, atMs: systemClock.monotonic() });
  }
}
