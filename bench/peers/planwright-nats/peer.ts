import type { Peer } from "../peer.ts";
import { natsAndExecutor } from "../servers/nats.ts";

export const planwrightOverNats: Peer = {
  name: "planwright-nats",
  title: "Planwright over NATS",
  worker: "worker.ts",
  engine: "steps apart",
  durability:
    "its embedded store (SQLite, write-ahead log, synchronous FULL): an append is synced before it is answered",
  unlike: [
    "The row above with its steps in another process: a coordinator in the worker process, one executor (`planwright worker`) and nats-server beside it. Each step goes over NATS and its report comes back.",
    "The sources run and not the built package, whose door has no coordinators among others.",
    "Steps are counted when their dispatch is durable, in the coordinator.",
    "The coordinator alone is killed: the executor ends the step that it runs, and the next coordinator waits until the lease of the killed one is over (3 s), because another one could have it.",
  ],
  server: natsAndExecutor,
};
