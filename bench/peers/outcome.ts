import type { Measured } from "./measure.ts";
import type { Peer } from "./peer.ts";

// What came of a peer's turn: it was measured, something that it needs is missing, or it failed; one never stops the others.

export type Outcome = Readonly<{ peer: Peer; versions: readonly string[] }> &
  (
    | { readonly kind: "measured"; readonly measured: Measured }
    | { readonly kind: "skipped"; readonly missing: string; readonly install: string }
    | { readonly kind: "failed"; readonly reason: string }
  );

/** Where and when a run took place; never a path or a host's name. */
export interface Occasion {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly date: string;
  readonly seconds: number;
  readonly kills: number;
  /** Synced appends of 1,024 bytes a second before the first peer, one by one and in groups of 50. */
  readonly commitsPerS: number;
  readonly groupedPerS: number;
}
