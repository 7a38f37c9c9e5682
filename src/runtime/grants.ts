// What plans of one partition may hold of a limit that several processes share. Who has the log for itself needs none: what
// is held is all in its own ledger.

export interface Grants {
  /** Units of it that plans of the partition may hold, by the ownership that this process has now. */
  granted(limit: string, partition: number): number;
  /** What is held or wanted of it has changed here. */
  changed(limit: string): void;
  /** Attempts in flight of all plans of a partition have been counted. */
  counted(): void;
}
