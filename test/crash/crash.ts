import { Breach } from "./breach.ts";
import { killChain, type ChainResult, type Kill } from "./chain.ts";
import type { LoadName } from "./load/loads.ts";
import { crashPlace } from "./place.ts";

// Many kills: stores one after the other, in loops beside each other. A breach ends its store; the others go on.

export interface CrashOptions {
  readonly seed: number;
  /** What runs while processes are killed. */
  readonly load: LoadName;
  readonly kills: number;
  /** Stores that are killed over at the same time. */
  readonly loops: number;
  readonly signal: AbortSignal;
  /** Leaves the folder of a store with a breach where it is. */
  readonly keeps: boolean;
  /** The built program instead of the sources. */
  readonly isBuilt: boolean;
  /** URL of a server that keeps the logs; default: stores in folders. */
  readonly server?: string | undefined;
  readonly onKill?: (kill: Kill) => void;
}

interface BrokenStore {
  /** That repeats its choices, with `kills`. */
  readonly seed: number;
  readonly kills: number;
  readonly claim: string;
  readonly message: string;
  /** Undefined where it was not kept. */
  readonly folder: string | undefined;
}

export interface CrashResult {
  /** Of stores that came to their end. */
  readonly chains: readonly ChainResult[];
  readonly broken: readonly BrokenStore[];
}

export const KILLS_A_STORE = 25;

/** Ends early, with what has come to its end, when the signal is aborted. Rejects with what is no breach. */
export async function crash(options: CrashOptions): Promise<CrashResult> {
  const stores = storesOf(options);
  const chains: ChainResult[] = [];
  const broken: BrokenStore[] = [];
  const loop = async (): Promise<void> => {
    for (let store = stores.shift(); store !== undefined; store = stores.shift()) {
      const ended = await killOver(store, options);
      if (ended === undefined) return;
      if ("claim" in ended) broken.push(ended);
      else chains.push(ended);
    }
  };
  await Promise.all(Array.from({ length: options.loops }, loop));
  return { chains, broken };
}

type StoreToKill = Pick<BrokenStore, "seed" | "kills">;

function storesOf({ seed, kills }: CrashOptions): StoreToKill[] {
  return Array.from({ length: Math.ceil(kills / KILLS_A_STORE) }, (_, index) => ({
    seed: seed + index,
    kills: Math.min(KILLS_A_STORE, kills - index * KILLS_A_STORE),
  }));
}

/** Undefined where it was interrupted. */
async function killOver(store: StoreToKill, options: CrashOptions): Promise<ChainResult | BrokenStore | undefined> {
  const { signal, load, keeps, isBuilt, server, onKill } = options;
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await crashPlace({ isBuilt, server }));
  try {
    return await killChain(place, { ...store, load, signal, ...(onKill === undefined ? {} : { onKill }) });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    if (!(error instanceof Breach)) throw error;
    if (keeps) opened.move();
    const { claim, message } = error;
    return { ...store, claim, message, folder: keeps ? place.path : undefined };
  }
}
