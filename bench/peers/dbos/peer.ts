import type { Peer } from "../peer.ts";
import { postgres } from "../servers/postgres.ts";

export const dbos: Peer = {
  name: "dbos",
  title: "DBOS",
  worker: "worker.js",
  engine: "in process",
  durability: "PostgreSQL with the settings of initdb: fsync, synchronous_commit and full_page_writes on",
  unlike: [
    "The library is in the worker process, its database is a server: each record is a transaction over loopback.",
    "Commits of connections that wait together share a sync (PostgreSQL does so by itself); the pool has 50 connections.",
    "Bytes are the tables without the write-ahead log, whose files PostgreSQL keeps to use them again.",
  ],
  server: postgres,
};
