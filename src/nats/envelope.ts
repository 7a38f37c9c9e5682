import { z } from "zod";
import { Fault } from "#events/fault.ts";

// What goes over NATS is a CloudEvent 1.0 as JSON (structured mode), with the message as its `data`.
//
// E1. An envelope as it is written here, `data` last, is known by its exact form: what it carries goes on as it is, and is parsed
//     once. One of another writer, in any order, is parsed whole.
// E2. Attributes that are not known are dropped.

const document = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  data: z.unknown().optional(),
});

const OWN_FORM =
  /^\{"specversion":"1\.0","source":"[^"\\]+","datacontenttype":"application\/json","id":"[^"\\]+","type":"([^"\\]+)"$/;
const DATA = ',"data":';
const END = "}".charCodeAt(0);
const MAX_ATTRIBUTES_BYTES = 1_024;

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
    const start = `${this.#start}${this.#count}","type":"${type}"${DATA}`;
    const whole = Buffer.allocUnsafe(Buffer.byteLength(start) + data.length + 1);
    const at = whole.write(start);
    whole.set(data, at);
    whole[at + data.length] = END;
    return whole;
  }
}

/** What `read` makes of the message inside. Faults: `malformed-message`, those of `read`. */
export function readEnvelope<M>(bytes: Uint8Array, read: (opened: Opened) => M): M {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const own = openedByForm(buffer);
  if (own !== undefined) {
    try {
      return read(own);
    } catch {
      // Something may stand after `data`.
    }
  }
  const whole = document.safeParse(parsed(buffer.toString("utf8")));
  if (!whole.success) throw new Fault("malformed-message", "this is no CloudEvent 1.0 in JSON");
  const { type, data = null } = whole.data;
  return read({ type, data: Buffer.from(JSON.stringify(data)) });
}

function openedByForm(buffer: Buffer): Opened | undefined {
  const beginning = buffer.toString("latin1", 0, MAX_ATTRIBUTES_BYTES);
  const at = beginning.indexOf(DATA);
  const type = at === -1 ? undefined : OWN_FORM.exec(beginning.slice(0, at))?.[1];
  if (type === undefined || buffer.at(-1) !== END) return undefined;
  return { type, data: buffer.subarray(at + DATA.length, -1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
