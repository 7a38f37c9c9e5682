import type { Peer } from "../peer.ts";

export const planwright: Peer = {
  name: "planwright",
  title: "Planwright",
  worker: "worker.ts",
  engine: "in process",
  durability:
    "its embedded store (SQLite, write-ahead log, synchronous FULL): an append is synced before it is answered",
  unlike: [
    "Appends of plans that are in flight together share a commit; a step is two facts, of which the success shares its append with the next step's dispatch.",
    "The local socket is open, as it is by default; nobody uses it.",
  ],
};
