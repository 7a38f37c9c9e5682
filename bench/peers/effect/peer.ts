import type { Peer } from "../peer.ts";

export const effect: Peer = {
  name: "effect",
  title: "Effect workflow",
  worker: "worker.js",
  engine: "in process",
  durability:
    "cluster engine as a single runner over SQLite (write-ahead log); synchronous set to FULL by us (the package leaves it at NORMAL, which syncs no commit)",
  unlike: [
    "The last of line 3: for Effect 4, which has the workflows in its main package, we found no SQLite client but betas.",
    "Serialisation between runners, which is on by default so that tests find what cannot travel, is off.",
    "better-sqlite3 is replaced by version 13, whose binary comes inside the package.",
  ],
};
