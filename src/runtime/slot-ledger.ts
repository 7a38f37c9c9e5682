import type { ExecutorId } from "#events/ids.ts";
import type { ExecutorAbout, ExecutorLoad, Offer, SlotToken } from "#src/ports/bus.ts";
import { UNLIMITED, type Limits } from "#src/ports/limits.ts";
import { servesPool, type Call, type SeenExecutor } from "#src/runtime/shortage.ts";
import { ClaimsLedger } from "#src/runtime/claims-ledger.ts";

// What executors have lent and what of it is promised. The coordinator's side of "dispatch is a promise of a slot".
//
// L1. A slot is taken before the dispatch is appended, and stays taken: whether the attempt ran or not, its executor lends a
//     new one. Only where the append was refused is it free again.
// L2. A slot that was taken is kept until the executor's offers have it no more (the run has arrived), or until the attempt
//     has ended: what comes of the run afterwards counts no more.
// L3. Slots count for a while after this coordinator said something that the executor has heard: later they are lent to others.
// L4. Of an attempt that an earlier owner dispatched nobody knows whether it began. A slot is set aside for it, which its
//     executor returns where it has it.

/** What there is of one executor. */
interface Known {
  readonly about: ExecutorAbout;
  readonly tools: ReadonlySet<string> | undefined;
  load: ExecutorLoad | undefined;
  heardAt: number;
  /** Until when its slots count; monotonic ms. */
  validUntil: number;
  /** The newest offer. */
  heard: number;
  since: number;
  readonly free: Set<SlotToken>;
  /** By attempt. */
  readonly used: Map<string, SlotToken>;
  /** Of attempts that have ended: never used again. */
  readonly spent: Set<SlotToken>;
}

/** What a run says of the slot that it was promised. */
export interface Promised {
  readonly offer: number;
  readonly slot?: SlotToken;
}

/** How long executors lend slots to a coordinator that they do not hear of. */
export interface Lending {
  /** Monotonic ms. */
  readonly now: () => number;
  readonly leaseMs: number;
}

const FOR_EVER: Lending = { now: () => 0, leaseMs: Infinity };

/** Share of the lease in which slots are used: clocks go at different speeds. */
const USABLE = 0.8;

export class SlotLedger {
  readonly claims: ClaimsLedger;
  private readonly executors = new Map<ExecutorId, Known>();
  private readonly lending: Lending;
  /** Attempts that may need a slot still, by executor. */
  private readonly unsure = new Map<ExecutorId, Set<string>>();

  /** Default: nothing is limited, and what is lent is lent for ever, as within one process. */
  constructor(limits: Limits = UNLIMITED, lending: Lending = FOR_EVER) {
    this.claims = new ClaimsLedger(limits);
    this.lending = lending;
  }

  /**
   * An executor says what it lends. `now` is monotonic time in ms. Returns whether slots are to be given back at once; what
   * is older than what was heard says nothing, nor does an executor that has not said what it is.
   */
  offer(offer: Offer, now: number): boolean {
    const { executor, number, since, heardAt, back } = offer;
    const known = this.executors.get(executor) ?? this.begin(executor, offer.about);
    if (known === undefined || number <= known.heard) return false;
    known.heardAt = now;
    known.heard = number;
    known.validUntil = Math.max(known.validUntil, heardAt + USABLE * this.lending.leaseMs);
    if (since !== known.since) this.beginAnew(executor, known);
    known.since = since;
    takeIn(known, offer);
    // Whoever waits because no executor suited looks again.
    if (known.free.size > 0 && isChoosy(known)) this.claims.releases++;
    return back.length > 0;
  }

  /** The executor is there, whatever else it does. False for one that is not known. */
  alive(executor: ExecutorId, now: number, load?: ExecutorLoad): boolean {
    const known = this.executors.get(executor);
    if (known === undefined) return false;
    known.heardAt = now;
    if (load !== undefined) known.load = load;
    return true;
  }

  /** Every executor that is there, with what it has said of itself. */
  get seen(): readonly SeenExecutor[] {
    return [...this.executors].map(([id, { about, heardAt, load }]) => ({ id, about, heardAt, load }));
  }

  /** What it runs is lost. */
  gone(executor: ExecutorId): void {
    this.executors.delete(executor);
  }

  /** Executors not heard of for `leaseMs`; they are forgotten. Until what they run is given up as well, they may come back. */
  expire(now: number, leaseMs: number): ExecutorId[] {
    const gone = [...this.executors].filter(([, known]) => now - known.heardAt >= leaseMs);
    for (const [id, known] of gone) {
      this.executors.delete(id);
      this.beginAnew(id, known);
    }
    return gone.map(([id]) => id);
  }

  knows(executor: ExecutorId): boolean {
    return this.executors.has(executor);
  }

  get all(): readonly ExecutorId[] {
    return [...this.executors.keys()];
  }

  /** The newest offer of the executor that was heard, and the slots of it that count here. */
  kept(executor: ExecutorId): { readonly heard: number; readonly keeps: readonly SlotToken[] } {
    const known = this.executors.get(executor);
    if (known === undefined) return { heard: 0, keeps: [] };
    return { heard: known.heard, keeps: [...known.free, ...known.used.values()] };
  }

  /** Takes a free slot of the executor for an attempt, and what it claims. */
  take(executor: ExecutorId, attempt: string, tokens: readonly string[] = []): void {
    const known = this.executors.get(executor);
    const [slot] = known?.free ?? [];
    if (known !== undefined && slot !== undefined && !known.used.has(attempt)) {
      known.free.delete(slot);
      known.used.set(attempt, slot);
    }
    this.claims.take(attempt, tokens);
  }

  /** An attempt is in flight of which it is not known whether it began. */
  adopt(executor: ExecutorId, attempt: string, tokens: readonly string[] = []): void {
    this.claims.adopt(attempt, tokens);
    if (this.executors.get(executor)?.used.has(attempt) === true) return;
    this.unsure.set(executor, (this.unsure.get(executor) ?? new Set()).add(attempt));
  }

  /** The attempt's dispatch came to nothing. */
  putBack(executor: ExecutorId, attempt: string): void {
    this.claims.giveBack(attempt);
    const known = this.executors.get(executor);
    const slot = known?.used.get(attempt);
    if (known === undefined || slot === undefined) return;
    known.used.delete(attempt);
    known.free.add(slot);
  }

  /** The attempt has ended. */
  ended(executor: ExecutorId, attempt: string): void {
    this.claims.giveBack(attempt);
    this.makeSure(executor, attempt);
    const known = this.executors.get(executor);
    if (known !== undefined) spend(known, attempt);
  }

  /** Nothing is sent for attempts of this plan from here any more; what they claim stays claimed. */
  forget(plan: string): void {
    for (const known of this.executors.values()) {
      for (const attempt of known.used.keys()) if (attempt.startsWith(`${plan}/`)) spend(known, attempt);
    }
    this.forgetUnsure(plan);
  }

  /** Nobody here waits any more for what earlier owners of the plan had dispatched. */
  forgetUnsure(plan: string): void {
    for (const [executor, attempts] of this.unsure) {
      for (const attempt of attempts) if (attempt.startsWith(`${plan}/`)) this.makeSure(executor, attempt);
    }
  }

  /** What the run of an attempt says of its slot; undefined where nothing was heard of its executor. */
  promised(executor: ExecutorId, attempt: string): Promised | undefined {
    const known = this.executors.get(executor);
    if (known === undefined) return undefined;
    if (this.unsure.get(executor)?.has(attempt) === true && known.free.size > 0) {
      this.makeSure(executor, attempt);
      this.take(executor, attempt);
    }
    const slot = known.used.get(attempt);
    return slot === undefined ? { offer: known.heard } : { offer: known.heard, slot };
  }

  /** Whether the slot of an attempt is still lent, as far as was heard: then the attempt has not begun. */
  isUnused(executor: ExecutorId, attempt: string): boolean {
    return this.executors.get(executor)?.used.has(attempt) === true;
  }

  /** How many attempts may need a slot beside those that wait to be dispatched. */
  get unsureAttempts(): number {
    let count = 0;
    for (const attempts of this.unsure.values()) count += attempts.size;
    return count;
  }

  get free(): number {
    let free = 0;
    const now = this.lending.now();
    for (const [id, known] of this.executors) if (now < known.validUntil) free += this.freeOf(id, known);
    return free;
  }

  /** The executor with most free slots of those that take such a call. */
  freest({ tool, pool }: Call): ExecutorId | undefined {
    let best: ExecutorId | undefined;
    let most = 0;
    const now = this.lending.now();
    for (const [id, known] of this.executors) {
      const { tools, about, validUntil } = known;
      const free = this.freeOf(id, known);
      if (free <= most || now >= validUntil || tools?.has(tool) === false || !servesPool(about, pool)) continue;
      most = free;
      best = id;
    }
    return best;
  }

  /** Nobody knows what became of the slots that were used before. */
  private beginAnew(executor: ExecutorId, { used }: Known): void {
    const attempts = [...used.keys()];
    used.clear();
    for (const attempt of attempts) this.adopt(executor, attempt);
  }

  private makeSure(executor: ExecutorId, attempt: string): void {
    const unsure = this.unsure.get(executor);
    unsure?.delete(attempt);
    if (unsure?.size === 0) this.unsure.delete(executor);
  }

  private freeOf(executor: ExecutorId, { free }: Known): number {
    return Math.max(0, free.size - (this.unsure.get(executor)?.size ?? 0));
  }

  private begin(executor: ExecutorId, about: ExecutorAbout | undefined): Known | undefined {
    if (about === undefined) return undefined;
    const tools = about.tools === undefined ? undefined : new Set(about.tools);
    const known = {
      about,
      tools,
      load: undefined,
      heardAt: 0,
      validUntil: 0,
      heard: 0,
      since: 0,
      free: new Set<SlotToken>(),
      used: new Map(),
      spent: new Set<SlotToken>(),
    };
    this.executors.set(executor, known);
    return known;
  }
}

/** L2: the slots that the executor lists, and of those that were used or spent only what it lists still. */
function takeIn({ free, used, spent }: Known, { slots, back }: Offer): void {
  const listed = new Set([...slots, ...back]);
  for (const slot of spent) if (!listed.has(slot)) spent.delete(slot);
  for (const [attempt, slot] of used) if (!listed.has(slot)) used.delete(attempt);
  const taken = new Set([...used.values(), ...spent]);
  free.clear();
  for (const slot of slots) if (!taken.has(slot)) free.add(slot);
}

function isChoosy({ about }: Known): boolean {
  return about.pool !== undefined || about.tools !== undefined;
}

function spend({ used, spent }: Known, attempt: string): void {
  const slot = used.get(attempt);
  if (slot !== undefined) spent.add(slot);
  used.delete(attempt);
}

export function attemptName(plan: string, step: string, attempt: number): string {
  return `${plan}/${step}/${attempt}`;
}
