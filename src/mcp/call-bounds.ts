import { Fault } from "#events/fault.ts";

// How much one client has under way at once. What is over the bound is refused and not queued: the client knows best what it
// wants first.

/** Calls and reads of one client at once. */
const MAX_CALLS = 64;
/** Of these, those that wait for a plan. */
const MAX_WAITS = 16;

export class CallBounds {
  private readonly open = { calls: 0, waits: 0 };

  /** Fault: `too-many-calls`. */
  call<T>(work: () => Promise<T>): Promise<T> {
    return this.during("calls", { most: MAX_CALLS, work });
  }

  /** The same for a part of a call that waits. */
  wait<T>(work: () => Promise<T>): Promise<T> {
    return this.during("waits", { most: MAX_WAITS, work });
  }

  private async during<T>(what: "calls" | "waits", { most, work }: Bounded<T>): Promise<T> {
    const { open } = this;
    if (open[what] >= most) {
      throw new Fault("too-many-calls", `${most} ${what} of this client are under way already`, { retryable: true });
    }
    open[what]++;
    try {
      return await work();
    } finally {
      open[what]--;
    }
  }
}

interface Bounded<T> {
  readonly most: number;
  readonly work: () => Promise<T>;
}
