import { durationText } from "#src/cli/text.ts";
import type { Clock } from "#src/ports/clock.ts";

const TELL_EVERY_MS = 2_000;
const MS_A_SECOND = 1_000;

/** Says now and then how far work is, and how long it will still take at its pace since it began to tell; in between nothing. */
export function timeLeft(clock: Pick<Clock, "now">) {
  let began: { readonly at: number; readonly done: number } | undefined;
  let toldAt = 0;
  return ({ done, of }: { readonly done: number; readonly of: number }): string | undefined => {
    const now = clock.now();
    if (!began) {
      began = { at: now, done };
      toldAt = now;
    }
    if (now - toldAt < TELL_EVERY_MS || done === began.done) return undefined;
    toldAt = now;
    const seconds = Math.ceil(((now - began.at) * (of - done)) / (done - began.done) / MS_A_SECOND);
    return `${Math.floor((100 * done) / of)} %, about ${durationText(seconds * MS_A_SECOND)} left`;
  };
}
