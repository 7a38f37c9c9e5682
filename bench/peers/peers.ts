import { bullmq } from "./bullmq/peer.ts";
import { dbos } from "./dbos/peer.ts";
import { effect } from "./effect/peer.ts";
import { langgraph } from "./langgraph/peer.ts";
import { openworkflow } from "./openworkflow/peer.ts";
import type { Peer } from "./peer.ts";
import { planwright } from "./planwright/peer.ts";
import { restate } from "./restate/peer.ts";

/** In the order of the table: ours first, then the others. */
export const PEERS: readonly Peer[] = [planwright, restate, dbos, bullmq, langgraph, openworkflow, effect];

/** Rows of our own, which the goal is about; the others are who they are held against. */
export const OURS: ReadonlySet<string> = new Set([planwright.name]);
