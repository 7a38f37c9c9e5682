import { systemClock } from "#src/ports/system/clock.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import type { NatsServer } from "../nats/server.ts";

// Hears every run that a coordinator sends to an executor, on the wire.

export interface HeardRun {
  /** Id of the coordinator. */
  readonly from: string;
  readonly plan: string;
  readonly step: string;
  readonly attempt: number;
  readonly epoch: number;
  /** Monotonic ms. */
  readonly atMs: number;
}

interface Said {
  readonly data?: {
    readonly kind?: string;
    readonly from?: string;
    readonly key?: Pick<HeardRun, "plan" | "step" | "attempt" | "epoch">;
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
    const { plan, step, attempt, epoch } = key;
    this.runs.push({ from, plan, step, attempt, epoch, atMs: systemClock.monotonic() });
  }
}
