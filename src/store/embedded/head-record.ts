import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

// How far appends were acknowledged, in a small file of its own. SQLite drops a damaged or missing write-ahead log
// without a word, and with it commits that were durable; this record is how such a loss is noticed.
//
// H1. It is written after the commit and not forced to the disk: it never claims more than is durable, and may be behind.
// H2. A record that cannot be read claims nothing.

export interface Head {
  /** Position of the last event of the log, -1 when it is empty. */
  readonly position: number;
  /** Checksum of its append. */
  readonly checksum: string;
}

export class HeadRecord implements Disposable {
  readonly #descriptor: number | undefined;

  constructor(file: string) {
    this.#descriptor = openRecord(file);
  }

  write(head: Head): void {
    if (this.#descriptor === undefined) return;
    try {
      writeSync(this.#descriptor, textOf(head), 0);
    } catch {
      // The record may be behind (H1); a disk without space must not fail an append that is durable.
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/** Undefined where nothing is claimed (H2). */
export function readHeadRecord(file: string): Head | undefined {
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
  const [position, checksum] = text.split(" ");
  if (position === undefined || checksum === undefined) return undefined;
  const head = { position: Number(position), checksum };
  return textOf(head) === text ? head : undefined;
}

function openRecord(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT, 0o644);
  } catch {
    return undefined;
  }
}

function textOf({ position, checksum }: Head): string {
  const claim = `${String(position).padStart(16, "0")} ${checksum}`;
  return `${claim} ${crc32(claim).toString(16).padStart(8, "0")}\n`;
}
