import type { Fact } from "./facts.ts";
import type { Program } from "./program.ts";

// Sees every fact that a coordinator tells, when it tells it, and wakes whoever waits for one.

export interface Seen {
  readonly fact: Fact;
  readonly by: Program;
}

export class Witness {
  readonly seen: Seen[] = [];
  private readonly looks = new Set<() => void>();

  see(fact: Fact, by: Program): void {
    this.seen.push({ fact, by });
    for (const look of [...this.looks]) look();
  }

  /** The first one of those that were seen and will be. Rejects with the signal's reason. */
  async first(isMeant: (seen: Seen) => boolean, signal: AbortSignal): Promise<Seen> {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>();
    const look = (): void => {
      const found = this.seen.find(isMeant);
      if (found !== undefined) resolve(found);
    };
    const stop = (): void => reject(signal.reason);
    this.looks.add(look);
    signal.addEventListener("abort", stop, { once: true });
    look();
    if (signal.aborted) stop();
    try {
      return await promise;
    } finally {
      this.looks.delete(look);
      signal.removeEventListener("abort", stop);
    }
  }
}
