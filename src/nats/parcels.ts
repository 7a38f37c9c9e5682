import { hash } from "node:crypto";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { NatsConnection, NatsMessage } from "#src/nats/connection.ts";
import { natsFault } from "#src/nats/faults.ts";
import { subjectOf, tokensOf } from "#src/nats/subjects.ts";

// Messages over the server's limit. The sender keeps them for a while and says that it has them; the receiver fetches them, part
// by part, at its own speed.
//
// P1. A receiver takes what has the digest that was announced, and nothing else: whoever hands it over.
// P2. Nothing of it is stored by a server: an executor needs no right to store anything, and nothing is left behind.
//     What is lost is sent again by its sender, as every message is.
// P3. Both sides are bounded: what is kept, how long, how much is fetched at once, and how large a message can be.

/** Larger than the largest message of the bus, with its envelope. */
const MAX_PARCEL_BYTES = 25 * 1024 * 1024;
const MAX_KEPT_BYTES = 256 * 1024 * 1024;
const KEPT_MS = 60_000;
const MAX_PART_BYTES = 512 * 1024;
/** Left of the largest message for subject and protocol. */
const AROUND_BYTES = 1024;
const PART_WITHIN_MS = 2_000;
const PARTS_AT_ONCE = 4;
const FETCHES_AT_ONCE = 4;
const MAX_WAITING = 100;

export const parcelNotice = z.object({
  /** Id of the executor or coordinator that has it. */
  from: z.string().min(1).max(200),
  /** SHA-256, in hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(MAX_PARCEL_BYTES),
  partBytes: z.int().min(1).max(MAX_PARCEL_BYTES),
});

export type ParcelNotice = z.infer<typeof parcelNotice>;

interface Kept {
  readonly notice: ParcelNotice;
  readonly bytes: Uint8Array;
  readonly timer: Timer;
}

/** The parcels that one process sends. */
export class OutgoingParcels implements Disposable {
  readonly #connection: NatsConnection;
  readonly #kept = new Map<string, Kept>();
  readonly #listening = new Map<string, Disposable>();
  #keptBytes = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Keeps the message for whoever fetches it. Fault: `message-too-large`. */
  keep(from: string, bytes: Uint8Array): ParcelNotice {
    if (bytes.length > MAX_PARCEL_BYTES) {
      throw new Fault(
        "message-too-large",
        `a message of ${bytes.length} bytes is over the limit of ${MAX_PARCEL_BYTES}`,
      );
    }
    this.#listen(from);
    const partBytes = Math.min(MAX_PART_BYTES, this.#connection.maxPayloadBytes - AROUND_BYTES);
    // The same message again is the same parcel, and is kept on.
    const notice = { from, digest: hash("sha256", bytes), bytes: bytes.length, partBytes };
    this.#add({ notice, bytes, timer: this.#expiry(notice) });
    return notice;
  }

  [Symbol.dispose](): void {
    for (const listening of this.#listening.values()) listening[Symbol.dispose]();
    for (const digest of this.#kept.keys()) this.#drop(digest);
  }

  #add(kept: Kept): void {
    this.#drop(kept.notice.digest);
    this.#kept.set(kept.notice.digest, kept);
    this.#keptBytes += kept.bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) break;
      this.#drop(oldest);
    }
  }

  #drop(digest: string): void {
    const kept = this.#kept.get(digest);
    if (kept === undefined) return;
    kept.timer[Symbol.dispose]();
    this.#kept.delete(digest);
    this.#keptBytes -= kept.bytes.length;
  }

  #expiry({ digest }: ParcelNotice): Timer {
    return this.#connection.clock.after(
      KEPT_MS,
      () => {
        this.#drop(digest);
      },
      { background: true },
    );
  }

  #listen(from: string): void {
    if (this.#listening.has(from)) return;
    const subject = subjectOf(this.#connection.namespace, "parcel", tokensOf(from), "*");
    this.#listening.set(from, this.#connection.listen(subject, { handler: (message) => this.#answer(message) }));
  }

  /** With nothing, where it is not kept any more. */
  #answer({ subject, reply, data }: NatsMessage): void {
    if (reply === undefined) return;
    const kept = this.#kept.get(subject.slice(subject.lastIndexOf(".") + 1));
    const at = Number(Buffer.from(data).toString("latin1")) * (kept?.notice.partBytes ?? 0);
    this.#connection.publish(reply, kept?.bytes.subarray(at, at + kept.notice.partBytes) ?? new Uint8Array());
  }
}

/** The parcels that are announced to one process. */
export class IncomingParcels {
  readonly #connection: NatsConnection;
  readonly #fetching = new Set<string>();
  readonly #waiting: (() => Promise<void>)[] = [];
  #active = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Hands on the message when it is here; what cannot be had is lost. One that is being fetched is not fetched twice. */
  fetch(notice: ParcelNotice, take: (bytes: Uint8Array) => void): void {
    if (this.#fetching.has(notice.digest) || this.#waiting.length >= MAX_WAITING) return;
    this.#fetching.add(notice.digest);
    this.#waiting.push(async () => {
      const bytes = await this.#fetched(notice).catch((error: unknown) => {
        const { message } = natsFault(error, this.#connection.servers, `fetching a message from ${notice.from}`);
        this.#connection.log.warn(`${message}; it will be sent again`, { bytes: notice.bytes });
      });
      this.#fetching.delete(notice.digest);
      if (bytes !== undefined) this.#handOn(bytes, take);
    });
    void this.#work();
  }

  #handOn(bytes: Uint8Array, take: (bytes: Uint8Array) => void): void {
    try {
      take(bytes);
    } catch (error) {
      this.#connection.log.error("a handler of messages failed", { error });
    }
  }

  async #work(): Promise<void> {
    if (this.#active >= FETCHES_AT_ONCE) return;
    this.#active += 1;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next();
    this.#active -= 1;
  }

  async #fetched({ from, digest, bytes, partBytes }: ParcelNotice): Promise<Uint8Array> {
    const subject = subjectOf(this.#connection.namespace, "parcel", tokensOf(from), digest);
    const count = Math.ceil(bytes / partBytes);
    const whole = new Uint8Array(bytes);
    for (let first = 0; first < count; first += PARTS_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(PARTS_AT_ONCE, count - first) }, (_, index) => first + index);
      const parts = await Promise.all(
        numbers.map((number) => this.#connection.client.request(subject, `${number}`, { timeout: PART_WITHIN_MS })),
      );
      for (const [index, { data }] of parts.entries()) {
        const at = (first + index) * partBytes;
        if (data.length !== Math.min(partBytes, bytes - at)) throw new Error("a part is not there any more");
        whole.set(data, at);
      }
    }
    if (hash("sha256", whole) !== digest) throw new Error("it is not what was announced");
    return whole;
  }
}
