// Messages on a pipe: four bytes of length (big-endian), then JSON in UTF-8.
//
// F1. A length over the limit is refused before anything of the message is kept.
// F2. Nothing is copied more than once, however many chunks a message comes in.

import type { CellCommand, CellReport } from "./messages.ts";

const HEADER_BYTES = 4;

/** Undefined where the text is over the limit. */
export function frameOf(message: CellCommand | CellReport, maxBytes: number): Buffer | undefined {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return undefined;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  frame.writeUInt32BE(bytes);
  frame.write(text, HEADER_BYTES);
  return frame;
}

export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Of the message that is under way; undefined while its length is. */
  #wanted: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are complete now. Throws a RangeError for a length over the limit, a SyntaxError for no JSON. */
  *read(chunk: Buffer): Generator {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#held < HEADER_BYTES) return;
        this.#wanted = this.#take(HEADER_BYTES).readUInt32BE();
        if (this.#wanted > this.#maxBytes) throw new RangeError(`a message of ${this.#wanted} bytes`);
      }
      if (this.#held < this.#wanted) return;
      const text = this.#take(this.#wanted).toString();
      this.#wanted = undefined;
      yield JSON.parse(text);
    }
  }

  #take(bytes: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    this.#chunks = all.length === bytes ? [] : [all.subarray(bytes)];
    this.#held -= bytes;
    return all.subarray(0, bytes);
  }
}
