import type { Payload } from "#events/payload.ts";

// Signals on their way to steps: kept until a step waits for their name, taken in the order in which they came.
//
// S1. What waits, and what is kept, is found by name: a signal for nobody costs nothing but its place.
// S2. A signal is taken by one step, once.

export interface KeptSignal {
  readonly number: number;
  readonly name: string;
  readonly payload: Payload;
  /** Principal that sent it. */
  readonly by: string;
  readonly at: number;
  /** Milliseconds since the epoch; 0 for never. */
  readonly expiresAt: number;
}

/** Ids of signals that are remembered, so that one which is sent again is known: the oldest are forgotten. */
const MAX_REMEMBERED_IDS = 1_000;

export class Signals {
  /** Signals received so far. */
  count = 0;
  private readonly kept = new Map<number, KeptSignal>();
  private readonly numbersOf = new Map<string, Set<number>>();
  private readonly listeners = new Map<string, Set<number>>();
  private readonly ids = new Set<string>();

  /** In the order in which they came. */
  list(): readonly KeptSignal[] {
    return [...this.kept.values()];
  }

  get size(): number {
    return this.kept.size;
  }

  get isAwaited(): boolean {
    return this.listeners.size > 0;
  }

  isKnown(id: string): boolean {
    return this.ids.has(id);
  }

  rememberedIds(): readonly string[] {
    return [...this.ids];
  }

  remember(id: string): void {
    this.ids.add(id);
    const [oldest] = this.ids;
    if (this.ids.size > MAX_REMEMBERED_IDS && oldest !== undefined) this.ids.delete(oldest);
  }

  keep(signal: KeptSignal): void {
    this.count = Math.max(this.count, signal.number);
    this.kept.set(signal.number, signal);
    add(this.numbersOf, signal.name, signal.number);
  }

  /** The signal of a number, which is kept no longer. */
  take(number: number): KeptSignal | undefined {
    const signal = this.kept.get(number);
    if (signal === undefined) return undefined;
    this.kept.delete(number);
    remove(this.numbersOf, signal.name, number);
    return signal;
  }

  /** The step of this number waits for a signal of the name. */
  listen(name: string, step: number): void {
    add(this.listeners, name, step);
  }

  leave(name: string, step: number): void {
    remove(this.listeners, name, step);
  }

  /** Nobody waits any more, nothing is kept. */
  clearListeners(): void {
    this.listeners.clear();
  }

  /** A signal and the step that takes it next. O(names that are waited for). */
  next(): { readonly signal: KeptSignal; readonly step: number } | undefined {
    for (const [name, steps] of this.listeners) {
      const [number] = this.numbersOf.get(name) ?? [];
      const [step] = steps;
      const signal = number === undefined ? undefined : this.kept.get(number);
      if (signal !== undefined && step !== undefined) return { signal, step };
    }
    return undefined;
  }

  /** The kept signal that expires first. O(kept). */
  firstToExpire(): KeptSignal | undefined {
    let first: KeptSignal | undefined;
    for (const signal of this.kept.values()) {
      if (signal.expiresAt !== 0 && (first === undefined || signal.expiresAt < first.expiresAt)) first = signal;
    }
    return first;
  }
}

function add(map: Map<string, Set<number>>, name: string, value: number): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, new Set([value]));
  else known.add(value);
}

function remove(map: Map<string, Set<number>>, name: string, value: number): void {
  const known = map.get(name);
  known?.delete(value);
  if (known?.size === 0) map.delete(name);
}
