import { randomUUID } from "node:crypto";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import type { EventStoreHarness } from "../../contracts/subscription.ts";

// Stores on one server, each in a namespace of its own, as deployments that share a server have them: a log that nobody else has
// written to, without a server for each test.

export class Namespaces implements AsyncDisposable {
  private readonly connection: KurrentConnection;

  constructor(url: string) {
    this.connection = new KurrentConnection({ address: storeAddress(url, {}), clock: systemClock });
  }

  open = async (): Promise<EventStoreHarness> => {
    const namespace = `${randomUUID()}_`;
    let store = this.storeIn(namespace);
    return {
      store,
      reopen: async () => {
        await store[Symbol.asyncDispose]();
        store = this.storeIn(namespace);
        return store;
      },
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }

  private storeIn(namespace: string): KurrentEventStore {
    const { connection } = this;
    return new KurrentEventStore({ connection, namespace, clock: systemClock, log: SILENT });
  }
}
