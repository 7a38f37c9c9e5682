import type { Peer } from "../peer.ts";
import { restate as server } from "../servers/restate.ts";

export const restate: Peer = {
  name: "restate",
  title: "Restate",
  worker: "worker.js",
  engine: "server",
  durability: "its own replicated log on RocksDB, one node; records are synced in batches",
  unlike: [
    "A server of its own: each workflow is a call of a service over HTTP to the server and one back over HTTP/2, and each step's result travels to the server and its acknowledgement back.",
    "The server spreads its work over partitions and threads; here it shares two cores with the worker.",
  ],
  server,
};
