import { afterAll, beforeAll, describe } from "vitest";
import type { EventStoreHarness } from "../../contracts/subscription.ts";
import { eventStoreContract } from "../../contracts/event-store.ts";
import { Namespaces } from "./namespaces.ts";
import { StandIn } from "./stand-in.ts";

describe("the store on EventStoreDB, against a stand-in", () => {
  const server = new StandIn();
  let namespaces: Namespaces;
  beforeAll(async () => {
    await server.listen();
    namespaces = new Namespaces(server.url);
  });
  afterAll(async () => {
    await namespaces[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  eventStoreContract((): Promise<EventStoreHarness> => namespaces.open());
});
