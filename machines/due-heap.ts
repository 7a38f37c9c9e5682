// A binary min-heap of moments. Entries are never removed when they stop to matter: whoever looks asks `isLive`, and
// dead entries fall off at the top or when they outnumber the living.

export interface Due {
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly step: number;
  readonly kind: "wait" | "deadline" | "attempt" | "retry";
  /** Tells a later entry of the same step apart: attempts dispatched when it was made. */
  readonly attempt: number;
}

const COMPACT_ABOVE = 64;

export class DueHeap {
  private entries: Due[] = [];
  private readonly isLive: (due: Due) => boolean;
  private compactAt = COMPACT_ABOVE;

  constructor(isLive: (due: Due) => boolean) {
    this.isLive = isLive;
  }

  push(due: Due): void {
    if (this.entries.length >= this.compactAt) this.compact();
    this.entries.push(due);
    this.up(this.entries.length - 1);
  }

  /** The earliest living entry, left in place. */
  peek(): Due | undefined {
    for (;;) {
      const top = this.entries[0];
      if (top === undefined || this.isLive(top)) return top;
      this.pop();
    }
  }

  /** The living entries, the earliest first. O(entries · log entries). */
  living(): readonly Due[] {
    return this.entries.filter(this.isLive).sort((a, b) => a.dueAt - b.dueAt || a.step - b.step);
  }

  private compact(): void {
    this.entries = this.entries.filter(this.isLive).sort((a, b) => a.dueAt - b.dueAt);
    this.compactAt = Math.max(COMPACT_ABOVE, this.entries.length * 2);
  }

  private pop(): void {
    const last = this.entries.pop();
    if (last === undefined || this.entries.length === 0) return;
    this.entries[0] = last;
    this.down(0);
  }

  private up(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.at(parent) <= this.at(index)) return;
      this.swap(parent, index);
      index = parent;
    }
  }

  private down(from: number): void {
    let index = from;
    for (;;) {
      const left = index * 2 + 1;
      const child = this.at(left + 1) < this.at(left) ? left + 1 : left;
      if (this.at(child) >= this.at(index)) return;
      this.swap(child, index);
      index = child;
    }
  }

  private at(index: number): number {
    return this.entries[index]?.dueAt ?? Infinity;
  }

  private swap(a: number, b: number): void {
    const [x, y] = [this.entries[a], this.entries[b]];
    if (x === undefined || y === undefined) return;
    this.entries[a] = y;
    this.entries[b] = x;
  }
}
