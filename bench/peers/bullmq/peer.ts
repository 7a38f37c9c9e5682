import type { Peer } from "../peer.ts";
import { redis } from "../servers/redis.ts";

export const bullmq: Peer = {
  name: "bullmq",
  title: "BullMQ",
  worker: "worker.js",
  engine: "server",
  durability: "Redis, append-only file, appendfsync always",
  unlike: [
    "Queues and not workflows: ten jobs, each the parent of the one before it, made in one call (a flow); a job does not read what the one before it gave.",
    "Redis syncs once for all commands that it read in one round of its loop.",
    "A job that was interrupted is found when its lock has expired (30 s) and a worker looks for stalled jobs (every 30 s); both are the defaults.",
    "Bytes are those of the append-only file before it is rewritten; everything is also held in memory.",
  ],
  server: redis,
};
