import type { CoordinatorId } from "#events/ids.ts";
import type { ExecutorMessage, SlotToken } from "#src/ports/bus.ts";

// Whose the free slots of an executor are. A slot that nothing runs in is lent to one coordinator at a time, under a number
// of its own; a run that cites the number takes it.
//
// S1. Slots that are lent and attempts that run are together never more than there are.
// S2. A slot is lent again only when nobody can use it under its old number: when it was taken, when its coordinator has
//     heard an offer with it and keeps it no more, or when that one has gone or was silent for the lease.
// S3. Who wants more and has least comes first; what nobody wants is spread, so that the next plan of anybody starts at once.
// S4. Slots that lie idle with one are asked back for another who wants them.

type Hello = Extract<ExecutorMessage, { kind: "hello" }>;

/** Slots that lie with one coordinator; it gets new ones as it uses them. */
const MAX_LENT = 256;

interface Borrower {
  /** By the first offer that had it. */
  readonly slots: Map<SlotToken, number>;
  readonly askedBack: Set<SlotToken>;
  heardAt: number;
  /** The coordinator's own time of its newest hello. */
  saidAt: number;
  wants: number;
  /** Offers below this one count no more. */
  readonly validFrom: number;
  /** Whether it has heard an offer. */
  hasHeard: boolean;
  /** Attempts of its runs that are under way. */
  running: number;
  /** Something was lent or asked back since its last offer. */
  isStale: boolean;
  /** The last slot that it was lent: of equals, who waited longest comes first. */
  lastSlot: SlotToken;
}

export interface LentOffer {
  readonly number: number;
  readonly since: number;
  readonly heardAt: number;
  readonly slots: readonly SlotToken[];
  readonly back: readonly SlotToken[];
  readonly isFirst: boolean;
}

export class SlotLender {
  private readonly borrowers = new Map<CoordinatorId, Borrower>();
  private readonly leaseMs: number;
  private slots: number;
  private occupied = 0;
  private lastSlot = 0;
  private lastOffer = 0;

  /** A coordinator that was silent for `leaseMs` has gone. */
  constructor(slots: number, leaseMs: number) {
    this.slots = slots;
    this.leaseMs = leaseMs;
  }

  /** Monotonic ms; a slot goes back that the coordinator keeps no more. */
  hello({ from, at, heard, keeps, wants }: Hello, now: number): void {
    const borrower = this.borrowers.get(from) ?? this.begin(from, now);
    borrower.heardAt = now;
    borrower.wants = wants;
    borrower.saidAt = Math.max(borrower.saidAt, at);
    borrower.hasHeard = heard >= borrower.validFrom;
    const kept = new Set(keeps);
    for (const [slot, since] of borrower.slots) if (since <= heard && !kept.has(slot)) remove(borrower, slot);
    borrower.isStale = true;
  }

  goodbye(from: CoordinatorId): void {
    this.borrowers.delete(from);
  }

  /** Coordinators that were silent for the lease have gone. */
  expire(now: number): void {
    for (const [id, { heardAt }] of this.borrowers) if (now - heardAt >= this.leaseMs) this.borrowers.delete(id);
  }

  /** Nobody counts on this executor any more, so nothing that was lent or said before counts here. */
  forgetAll(): void {
    this.borrowers.clear();
  }

  /** Nothing is lent any more, and everything idle is asked back. */
  drain(): void {
    this.slots = 0;
  }

  /** Whether an attempt may begin in this slot; it takes it. */
  takes({ from, offer, slot }: Extract<ExecutorMessage, { kind: "run" }>): boolean {
    const borrower = this.borrowers.get(from);
    if (borrower === undefined || slot === undefined || offer < borrower.validFrom) return false;
    if (!remove(borrower, slot)) return false;
    borrower.running++;
    this.occupied++;
    return true;
  }

  /** The slot is not needed after all. */
  returns({ from, slot }: Extract<ExecutorMessage, { kind: "run" }>): void {
    const borrower = this.borrowers.get(from);
    if (borrower !== undefined && slot !== undefined && remove(borrower, slot)) borrower.isStale = true;
  }

  /** An attempt has given its slot back. */
  ends(from: CoordinatorId): void {
    this.occupied--;
    const borrower = this.borrowers.get(from);
    if (borrower !== undefined && borrower.running > 0) borrower.running--;
  }

  /** Lends what is free, and asks back what is idle where others want it. The coordinators that should be told. */
  balance(): readonly CoordinatorId[] {
    for (let free = this.free; free > 0; free--) {
      const borrower = this.next();
      if (borrower === undefined) break;
      borrower.lastSlot = ++this.lastSlot;
      borrower.slots.set(borrower.lastSlot, this.lastOffer + 1);
      borrower.isStale = true;
    }
    this.askBack();
    return [...this.borrowers].filter(([, { isStale }]) => isStale).map(([id]) => id);
  }

  /** What the coordinator is told now; undefined for one that is not known. */
  offerTo(id: CoordinatorId): LentOffer | undefined {
    const borrower = this.borrowers.get(id);
    if (borrower === undefined) return undefined;
    borrower.isStale = false;
    const { slots, askedBack, hasHeard, saidAt: heardAt, validFrom: since } = borrower;
    const idle = [...slots.keys()].filter((slot) => !askedBack.has(slot));
    return { number: ++this.lastOffer, since, heardAt, slots: idle, back: [...askedBack], isFirst: !hasHeard };
  }

  /** Slots that somebody may use, or has used in a run that is on its way. */
  get lent(): number {
    let lent = 0;
    for (const { slots } of this.borrowers.values()) lent += slots.size;
    return lent;
  }

  get coordinators(): readonly CoordinatorId[] {
    return [...this.borrowers.keys()];
  }

  private get free(): number {
    return this.slots - this.occupied - this.lent;
  }

  private begin(id: CoordinatorId, now: number): Borrower {
    const borrower = {
      slots: new Map<SlotToken, number>(),
      askedBack: new Set<SlotToken>(),
      heardAt: now,
      saidAt: 0,
      wants: 0,
      validFrom: this.lastOffer + 1,
      hasHeard: false,
      running: 0,
      isStale: true,
      lastSlot: 0,
    };
    this.borrowers.set(id, borrower);
    return borrower;
  }

  /** S3. */
  private next(): Borrower | undefined {
    const open = [...this.borrowers.values()].filter(({ slots }) => slots.size < MAX_LENT);
    const wanting = open.filter((one) => one.wants > idleOf(one));
    return leastOf(wanting, (one) => idleOf(one) + one.running) ?? leastOf(open, idleOf);
  }

  /** S4: one slot for each that has none and wants some, from whoever has most to spare; all of them at the end. */
  private askBack(): void {
    const all = [...this.borrowers.values()];
    const isOver = this.slots === 0;
    const spareOf = (one: Borrower): number => idleOf(one) - (isOver ? 0 : one.wants);
    const missing = all.filter((one) => one.wants > 0 && idleOf(one) === 0).length;
    const asked = all.reduce((sum, { askedBack }) => sum + askedBack.size, 0);
    for (let wanted = isOver ? Infinity : missing - asked; wanted > 0; wanted--) {
      const from = leastOf(all, (one) => -spareOf(one));
      const slot = from === undefined || spareOf(from) <= 0 ? undefined : newestIdle(from);
      if (from === undefined || slot === undefined) return;
      from.askedBack.add(slot);
      from.isStale = true;
    }
  }
}

/** Whether it was lent. */
function remove({ slots, askedBack }: Borrower, slot: SlotToken): boolean {
  askedBack.delete(slot);
  return slots.delete(slot);
}

/** How many slots it may use. */
function idleOf({ slots, askedBack }: Borrower): number {
  return slots.size - askedBack.size;
}

function newestIdle({ slots, askedBack }: Borrower): SlotToken | undefined {
  return [...slots.keys()].findLast((slot) => !askedBack.has(slot));
}

/** The one with the least; of several the one that was not lent to for longest; undefined where there is none. */
function leastOf(borrowers: readonly Borrower[], amount: (one: Borrower) => number): Borrower | undefined {
  let least: Borrower | undefined;
  for (const one of borrowers) {
    const isLess = least === undefined || (amount(one) - amount(least) || one.lastSlot - least.lastSlot) < 0;
    if (isLess) least = one;
  }
  return least;
}
