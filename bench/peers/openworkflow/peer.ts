import type { Peer } from "../peer.ts";

export const openworkflow: Peer = {
  name: "openworkflow",
  title: "OpenWorkflow",
  worker: "worker.js",
  engine: "in process",
  durability: "its SQLite backend (node:sqlite, write-ahead log, synchronous FULL as node:sqlite has it)",
  unlike: [
    "A worker that finds nothing to do asks again after 50 ms to 1 s, and that cannot be set; so with one workflow in flight most of the time passes before a workflow is claimed. The step's p50 tells what a step costs.",
    "Whoever waits for a result asks once a second; here a workflow counts as ended when its function returns.",
    "An interrupted run is claimed again when its lease has expired (30 s, which cannot be set).",
  ],
};
