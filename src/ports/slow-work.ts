import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

/** After so long it is said what is waited for. */
const SAYS_AFTER_MS = 5_000;
const MS_PER_S = 1_000;

interface SlowWork {
  /** Completes "it takes more than 5 s until …". */
  readonly what: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Disposes of a part like that. */
export function endedAloud(slow: SlowWork): (part: AsyncDisposable) => Promise<void> {
  return (part) => saidWhenSlow(slow, async () => part[Symbol.asyncDispose]());
}

/** Does the work, and says in the log what has not come about for long, for those who wonder what is waited for. */
export async function saidWhenSlow<T>({ what, clock, log, fields = {} }: SlowWork, work: () => Promise<T>): Promise<T> {
  const say = (): void => log.warn(`it takes more than ${SAYS_AFTER_MS / MS_PER_S} s until ${what}`, fields);
  const saying = clock.after(SAYS_AFTER_MS, say, { background: true });
  return work().finally(() => saying[Symbol.dispose]());
}
