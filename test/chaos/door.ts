import type { Client } from "#src/api/client.ts";
import { calledClient } from "#src/client/called-client.ts";
import { connectNats } from "#src/client/nats-client.ts";
import { NatsCalls } from "#src/nats/calls.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import type { NatsServer } from "../nats/server.ts";

// How people ask coordinators: over NATS, whoever of them is there. One submission in five is left in the intake, where it waits
// for the next coordinator; it counts as answered when its plan has begun.

const INTAKE_OF = 5;
const PATIENCE_MS = 60_000;
const PRINCIPAL = "chaos";

export class Door implements AsyncDisposable {
  readonly client: Client;
  private readonly opened: AsyncDisposable;

  private constructor(client: Client, opened: AsyncDisposable) {
    this.client = client;
    this.opened = opened;
  }

  static async open(server: NatsServer): Promise<Door> {
    await using opened = new AsyncDisposableStack();
    const connection = opened.use(await server.connect({ name: PRINCIPAL }));
    const calls = opened.use(new NatsCalls(connection, { name: PRINCIPAL, random: systemRandom }));
    const actor = `nats:${PRINCIPAL}`;
    const direct = calledClient({ calls, actor, clock: systemClock, patienceMs: PATIENCE_MS });
    const publisher = opened.use(await connectNats({ servers: [server.url], principal: PRINCIPAL }));
    const submit: Client["submit"] = async (submission, options) => {
      if (numberOf(submission.key) % INTAKE_OF !== 0) return direct.submit(submission, options);
      const published = await publisher.publish(submission);
      await publisher.begun(published, options);
      return { plan: published.plan, attached: true, warnings: [] };
    };
    return new Door({ ...direct, submit }, opened.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.opened[Symbol.asyncDispose]());
  }
}

/** Keys are `k0`, `k1` … */
function numberOf(key = "k1"): number {
  return Number(key.slice(1));
}
