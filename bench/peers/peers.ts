import { bullmq } from "./bullmq/peer.ts";
import { dbos } from "./dbos/peer.ts";
import { effect } from "./effect/peer.ts";
import { langgraph } from "./langgraph/peer.ts";
import { openworkflow } from "./openworkflow/peer.ts";
import type { Peer } from "./peer.ts";
import { planwright } from "./planwright/peer.ts";
import { planwrightOverNats } from "./planwright-nats/peer.ts";
import { restate } from "./restate/peer.ts";

/** In the order of the table: ours first, then the others. */
export const PEERS: readonly Peer[] = [
  planwright,
  planwrightOverNats,
  restate,
  dbos,
  bullmq,
  langgraph,
  openworkflow,
  effect,
];

/** Rows of our own; the others are who they are held against. The goal is about the one in process. */
export const OURS: ReadonlySet<string> = new Set([planwright.name, planwrightOverNats.name]);
