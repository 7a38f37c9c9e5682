import process from "node:process";
import { afterAll, beforeAll, describe } from "vitest";
import { eventStoreContract } from "../../contracts/event-store.ts";
import { Namespaces } from "./namespaces.ts";
import { StandIn } from "./stand-in.ts";

// Against the real server that is named, else against the stand-in.
const url = process.env["PLANWRIGHT_KURRENTDB_URL"];

describe(`the store on EventStoreDB, against ${url === undefined ? "a stand-in" : "a server"}`, () => {
  const standIn = new StandIn();
  let namespaces: Namespaces;
  beforeAll(async () => {
    namespaces = new Namespaces(url ?? (await standIn.listen()).url);
  });
  afterAll(async () => {
    await namespaces[Symbol.asyncDispose]();
    await standIn[Symbol.asyncDispose]();
  });
  eventStoreContract(() => namespaces.open());
});
