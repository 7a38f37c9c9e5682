import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

const LOOK_EVERY_MS = 20;
const NEVER = new AbortController().signal;

/** Resolves when what other processes do has come about; rejects with what it is after so long. */
export async function until(what: string, withinMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = systemClock.monotonic() + withinMs;
  while (!(await holds())) {
    if (systemClock.monotonic() > giveUpAt) throw new Error(`after ${withinMs} ms still not: ${what}`);
    await sleep(systemClock, LOOK_EVERY_MS, NEVER);
  }
}
