import type { Fault } from "#events/fault.ts";
import { sleep } from "#src/ports/clock.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { APPEND_RETRY_MS, MAX_APPEND_RETRY_MS } from "#src/runtime/limits.ts";

// Waits, longer each time, while something outside refuses for now, and says so to whoever shows it.

type PauseDeps = Pick<RuntimeContext, "clock" | "signal" | "hooks" | "log">;

export class Pause {
  private readonly deps: PauseDeps;
  private delayMs = APPEND_RETRY_MS;
  private isTroubled = false;

  constructor(deps: PauseDeps) {
    this.deps = deps;
  }

  /** Resolves when it is time to try again, or at once when everything stops. */
  async begin(trouble: Fault): Promise<void> {
    const { clock, signal, hooks, log } = this.deps;
    log.warn("a turn is tried again", { code: trouble.code, delayMs: this.delayMs });
    this.isTroubled = true;
    hooks.onTrouble?.(trouble);
    const delayMs = this.delayMs;
    this.delayMs = Math.min(delayMs * 2, MAX_APPEND_RETRY_MS);
    await sleep(clock, delayMs, signal).catch(() => undefined);
  }

  /** It has worked. */
  end(): void {
    if (!this.isTroubled) return;
    this.isTroubled = false;
    this.delayMs = APPEND_RETRY_MS;
    this.deps.hooks.onTrouble?.(undefined);
  }
}
