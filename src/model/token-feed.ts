import type { Clock, Timer } from "#src/ports/clock.ts";
import type { ProgressUpdate } from "#src/tools/define.ts";

// A model's answer on the live channel, as it comes.
//
// F1. At most one message in EVERY_MS, whatever the model does. Each tells how many characters are before it; what comes too
//     fast is left out at the front, and the gap shows.

const EVERY_MS = 200;
const MAX_PIECE_CHARS = 8_192;

type Tell = (update: ProgressUpdate) => void;

export class TokenFeed implements Disposable {
  private readonly clock: Clock;
  private readonly tell: Tell;
  private pending = "";
  /** Characters of the answer before what is pending. */
  private from = 0;
  private number = 0;
  private timer: Timer | undefined;

  constructor(clock: Clock, tell: Tell) {
    this.clock = clock;
    this.tell = tell;
  }

  /** `number` is that of the exchange: with another one the text begins anew. */
  push(piece: string, number: number): void {
    if (number !== this.number) {
      this.flush();
      this.number = number;
      this.from = 0;
    }
    this.pending += piece;
    const extra = this.pending.length - MAX_PIECE_CHARS;
    if (extra > 0) this.drop(extra);
    this.timer ??= this.clock.after(EVERY_MS, () => this.flush(), { background: true });
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  private flush(): void {
    this.timer?.[Symbol.dispose]();
    this.timer = undefined;
    if (this.pending === "") return;
    this.tell({ text: { from: this.from, piece: this.pending } });
    this.drop(this.pending.length);
  }

  private drop(chars: number): void {
    this.pending = this.pending.slice(chars);
    this.from += chars;
  }
}
