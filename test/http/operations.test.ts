import { describe } from "vitest";
import { operationsContract } from "../contracts/operations.ts";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { CALLER, DOORS, type DoorName } from "./served.ts";

const ACTORS: Readonly<Record<DoorName, string>> = {
  "in-process": "os:tester",
  socket: "os:tester",
  http: "token:tester",
  fetch: "token:tester",
  calls: `nats:${CALLER}`,
  nats: `nats:${CALLER}`,
};

describe.each(DOORS)("the operations, %s", (door) => operationsContract(door, ACTORS[door]));

requireServer("nats", hasNats)("the operations, nats", () => operationsContract("nats", ACTORS.nats));
