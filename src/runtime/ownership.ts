// Which partitions' plans this process runs. At any time a partition has one owner at most who lets effects out; each
// ownership has an epoch, larger than those before it.

export interface Ownership {
  /** The epoch under which this process owns the partition now; undefined where it does not, or is not sure of it any more. */
  epochOf(partition: number): number | undefined;
}

/** Of whoever has the log for itself. */
export function soleOwner(epoch: number): Ownership {
  return { epochOf: () => epoch };
}
