import process from "node:process";
import { afterAll, beforeAll, describe } from "vitest";
import { eventStoreContract } from "../../contracts/event-store.ts";
import { requireServer } from "../../require.ts";
import { Namespaces } from "./namespaces.ts";
import { StandIn } from "./stand-in.ts";

const url = process.env["PLANWRIGHT_KURRENTDB_URL"];

function contractOn(urlOf: () => Promise<string>): void {
  let namespaces: Namespaces;
  beforeAll(async () => {
    namespaces = new Namespaces(await urlOf());
  });
  afterAll(() => namespaces[Symbol.asyncDispose]());
  eventStoreContract(() => namespaces.open());
}

describe("the store on EventStoreDB, against a stand-in", () => {
  const standIn = new StandIn();
  afterAll(() => standIn[Symbol.asyncDispose]());
  contractOn(async () => (await standIn.listen()).url);
});

requireServer("kurrent", url !== undefined)("the store on EventStoreDB, against a server", () => {
  contractOn(() => Promise.resolve(url ?? ""));
});
