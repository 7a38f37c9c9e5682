// Reads one file after the other into the same memory.
//
// R1. It holds MAX_READ_BYTES however large a tree is. A larger file is counted by its size and not read.
// R2. The last component of a path is opened without following a link, and without waiting for a pipe's writer.
// R3. What was read is valid until the next file is.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

export const MAX_READ_BYTES = 1024 * 1024;
/** As git tells a binary file: a NUL among the first bytes. */
const LOOKED_AT_BYTES = 8_000;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NEWLINE = 0x0a;

export interface Content {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

export class FileReader {
  // One byte more than is read, to see that there is more.
  readonly #memory = Buffer.allocUnsafe(MAX_READ_BYTES + 1);
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Undefined for what is too large. Throws the system's error. */
  read(path: string): Content | undefined {
    const file = openSync(`${this.#root}/${path}`, FLAGS);
    try {
      const length = filled(file, this.#memory);
      if (length > MAX_READ_BYTES) return undefined;
      const bytes = this.#memory.subarray(0, length);
      return { bytes, isBinary: bytes.subarray(0, LOOKED_AT_BYTES).includes(0) };
    } finally {
      closeSync(file);
    }
  }

  /** All of a text in memory of its own. Throws the system's error, and an error of its own for what is larger. */
  text(path: string, maxBytes: number): string {
    const file = openSync(`${this.#root}/${path}`, FLAGS);
    try {
      const { size } = fstatSync(file);
      if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
      const memory = Buffer.allocUnsafe(size);
      return memory.toString("utf8", 0, filled(file, memory));
    } finally {
      closeSync(file);
    }
  }
}

function filled(file: number, memory: Buffer): number {
  let length = 0;
  while (length < memory.length) {
    const read = readSync(file, memory, length, memory.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** The last line counts although nothing ends it. */
export function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === NEWLINE) lines += 1;
  return bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? lines + 1 : lines;
}
