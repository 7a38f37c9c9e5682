import type { Client } from "#src/api/client.ts";
import type { Answer } from "../witness.ts";

/** A question to a process, and what its answer promises; undefined where it promises nothing. */
export type Asking = (client: Client, signal: AbortSignal) => Promise<Omit<Answer, "operation"> | undefined>;

/** Asks, unless the same is being asked or was answered. */
export type Ask = (operation: string, key: string, asking: Asking) => void;
