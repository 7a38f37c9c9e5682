/** Snapshots that a store keeps of one stream, the newest ones: one may be damaged, or newer than what is asked for. */
export const SNAPSHOTS_KEPT = 3;
