// What every door over the operations keeps to: in-process, local socket, HTTP.
import { afterAll, beforeAll } from "vitest";
import type { DoorName } from "../http/served.ts";
import { answeringContract } from "./operations/answering.ts";
import { Doorway } from "./operations/doorway.ts";
import { followingContract } from "./operations/following.ts";
import { lookingContract } from "./operations/looking.ts";
import { reviewingContract } from "./operations/reviewing.ts";
import { runningContract } from "./operations/running.ts";

/** `actor`: the principal that the door makes of the test. */
export function operationsContract(name: DoorName, actor: string): void {
  const door = new Doorway(name, actor);
  beforeAll(() => door.open());
  afterAll(() => door.close());
  runningContract(door);
  lookingContract(door);
  answeringContract(door);
  reviewingContract(door);
  followingContract(door);
}
