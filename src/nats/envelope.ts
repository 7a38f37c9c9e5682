import { z } from "zod";
import { Fault } from "#events/fault.ts";

// What goes over NATS is a CloudEvent 1.0 as JSON (structured mode), with the message as its `data`.
//
// E1. An envelope is written with `data` last, and read without parsing what it carries twice: the attributes before it are read
//     by themselves, and the bytes after it go on as they are. One that is written in another order is read as well.
// E2. Attributes that are not known are dropped.

const attributes = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
});

const document = attributes.extend({ data: z.unknown() });

const DATA = Buffer.from(',"data":');
const END = Buffer.from("}");
const MAX_ATTRIBUTES_BYTES = 4_096;

interface Opened {
  readonly type: string;
  /** JSON, as bytes. */
  readonly data: Uint8Array;
}

/** Writes the envelopes of one sender. */
export class Envelopes {
  readonly #start: string;
  #count = 0;

  /** An id is unique among those of the source: `incarnation` is what no other process of this name has. */
  constructor(source: string, incarnation: string) {
    const fixed = JSON.stringify({ specversion: "1.0", source, datacontenttype: "application/json" });
    this.#start = `${fixed.slice(0, -1)},"id":"${incarnation}.`;
  }

  wrap(type: string, data: Uint8Array): Uint8Array {
    this.#count += 1;
    return Buffer.concat([Buffer.from(`${this.#start}${this.#count}","type":"${type}"`), DATA, data, END]);
  }
}

/** What `read` makes of the message inside. Faults: `malformed-message`, those of `read`. */
export function readEnvelope<M>(bytes: Uint8Array, read: (opened: Opened) => M): M {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const quick = openedByOrder(buffer);
  if (quick !== undefined) {
    try {
      return read(quick);
    } catch {
      // Something may stand after `data`.
    }
  }
  const whole = document.safeParse(parsed(buffer.toString("utf8")));
  if (!whole.success) throw new Fault("malformed-message", "this is no CloudEvent 1.0 in JSON");
  const { type, data = null } = whole.data;
  return read({ type, data: Buffer.from(JSON.stringify(data)) });
}

function openedByOrder(buffer: Buffer): Opened | undefined {
  const at = buffer.subarray(0, MAX_ATTRIBUTES_BYTES).indexOf(DATA);
  if (at === -1 || buffer.at(-1) !== END[0]) return undefined;
  const before = attributes.safeParse(parsed(`${buffer.subarray(0, at).toString("utf8")}}`));
  return before.success ? { type: before.data.type, data: buffer.subarray(at + DATA.length, -1) } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
