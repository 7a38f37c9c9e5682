import { describe } from "vitest";
import { operationsContract } from "../contracts/operations.ts";
import { DOORS, type DoorName } from "./served.ts";

const ACTORS: Readonly<Record<DoorName, string>> = {
  "in-process": "os:tester",
  socket: "os:tester",
  http: "token:tester",
};

describe.each(DOORS)("the operations, %s", (door) => operationsContract(door, ACTORS[door]));
