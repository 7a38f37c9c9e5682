import type { Granted, Share, Waiting } from "#src/ownership/limit-words.ts";

// How one owner changes what is granted of one limit. It speaks for the partitions that it owns, and hands out what is
// free to whoever waits first, be it for itself or another: so that what one gives back is the next one's by the same change.
//
// R1. What is granted is never more than there is; what is held already (a limit became smaller) is not taken away.
// R2. What a partition was granted changes only by a word of its owner, and by what is handed out to it.
// R3. A partition's new owner keeps what its plans hold, under its own epoch: from then on no change of an earlier owner counts,
//     because it was made at an older revision.
// R4. Where others wait, what is not used any more goes round: who wants more waits with them.

/** What the owner of a partition says of it. */
export interface Need {
  readonly partition: number;
  readonly epoch: number;
  readonly used: number;
  /** Beside what is used. */
  readonly wanted: number;
  /** What one step may need at once. */
  readonly unit: number;
  /** Was used, and is not any more. */
  readonly freed: number;
  /** What is neither used nor wanted is kept while nobody waits. */
  readonly lingers: boolean;
  /** Nobody has counted this partition since the leases began: what is used was granted by others that are lost. */
  readonly isUncounted: boolean;
}

export interface Regranting {
  /** How much there is. */
  readonly capacity: number;
  /** Of every partition that the owner has and that holds, waits or wants. */
  readonly needs: readonly Need[];
  /** All partitions have been counted, so what is free is known. */
  readonly isComplete: boolean;
}

/** What the limit's book says after the owner's word. */
export function regrant(before: Granted, { capacity, needs, isComplete }: Regranting): Granted {
  const spoken = new Map(needs.map((need) => [need.partition, need]));
  const held = new Map(before.held.map((share) => [share.partition, share]));
  const hadOf = ({ partition }: Need): number => held.get(partition)?.amount ?? 0;
  const waiters = new Set(before.waits.map(({ partition }) => partition).filter((partition) => !spoken.has(partition)));
  for (const need of needs) if (need.used + need.wanted > hadOf(need)) waiters.add(need.partition);
  for (const need of needs) {
    const isAlone = waiters.size === (waiters.has(need.partition) ? 1 : 0);
    set(held, { partition: need.partition, epoch: need.epoch, amount: keptOf(need, hadOf(need), isAlone) });
  }
  const waits = waiting(before.waits, needs, held);
  if (isComplete) handOut({ held, waits, capacity });
  return { held: [...held.values()], waits };
}

/** Whether anything is said of the limit. */
export function isEmpty({ held, waits }: Granted): boolean {
  return held.length === 0 && waits.length === 0;
}

/** R4: what was used is the next one's in turn, and what was handed out is kept while it is wanted. */
function keptOf({ used, wanted, freed, lingers, isUncounted }: Need, had: number, isAlone: boolean): number {
  const has = isUncounted ? Math.max(had, used) : had;
  if (isAlone && lingers) return has;
  return Math.min(isAlone ? has : Math.max(used, has - freed), used + wanted, has);
}

/** Who waited keeps the place; what the owner wants no more waits no more. */
function waiting(before: readonly Waiting[], needs: readonly Need[], held: ReadonlyMap<number, Share>): Waiting[] {
  const missing = new Map<number, Waiting>();
  for (const { partition, epoch, used, wanted, unit } of needs) {
    const amount = used + wanted - (held.get(partition)?.amount ?? 0);
    if (amount > 0) missing.set(partition, { partition, epoch, amount, unit: unit > 0 ? unit : amount });
  }
  const spoken = new Set(needs.map(({ partition }) => partition));
  const places = before.flatMap((share) => {
    if (!spoken.has(share.partition)) return [share];
    const mine = missing.get(share.partition);
    missing.delete(share.partition);
    return mine === undefined ? [] : [mine];
  });
  return [...places, ...missing.values()];
}

interface HandingOut {
  readonly held: Map<number, Share>;
  readonly waits: Waiting[];
  readonly capacity: number;
}

/** R1. In turn, to each what one step needs; nobody overtakes one who needs more than there is just now. */
function handOut({ held, waits, capacity }: HandingOut): void {
  let free = capacity - [...held.values()].reduce((sum, { amount }) => sum + amount, 0);
  for (let first = waits[0]; first !== undefined; first = waits[0]) {
    const amount = Math.min(first.unit, first.amount, capacity);
    if (amount <= 0 || amount > free) return;
    const { partition, epoch } = first;
    set(held, { partition, epoch, amount: (held.get(partition)?.amount ?? 0) + amount });
    free -= amount;
    waits.shift();
    if (first.amount > amount) waits.push({ ...first, amount: first.amount - amount });
  }
}

function set(held: Map<number, Share>, share: Share): void {
  if (share.amount > 0) held.set(share.partition, share);
  else held.delete(share.partition);
}
