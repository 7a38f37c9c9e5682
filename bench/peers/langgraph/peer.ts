import type { Peer } from "../peer.ts";

export const langgraph: Peer = {
  name: "langgraph",
  title: "LangGraph.js",
  worker: "worker.js",
  engine: "in process",
  durability:
    'SQLite checkpointer, write-ahead log, durability "sync"; synchronous set to FULL by us (the package leaves it at NORMAL, which syncs no commit)',
  unlike: [
    "Nothing is taken up by itself after a crash: the application has to know which threads were interrupted and to invoke them again.",
    "better-sqlite3 is replaced by version 13, whose binary comes inside the package.",
  ],
};
