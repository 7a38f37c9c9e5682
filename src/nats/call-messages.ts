import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { json, jsonObject, type Json } from "#events/json.ts";

// What is said in a call, as JSON. docs/nats.md has the same shapes for other languages.
//
// W1. Frames are numbered from 1, whatever they are; a `here` has the number of the last one before it and is none itself.
// W2. A value that does not fit into one message comes as pieces of its JSON text, the last of which is marked.

/** Of a call, as the caller named it: a random UUID. */
const callId = z.uuid();

export const callRequest = z.object({
  call: callId,
  operation: z.string().min(1).max(200),
  input: json,
  /** Only where the subject does not say it: among coordinators. */
  actor: z.string().min(1).max(300).exactOptional(),
  withinMs: z.number().positive().exactOptional(),
});
export type CallRequest = z.infer<typeof callRequest>;

const number = z.int().min(0);
const told = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  details: jsonObject.exactOptional(),
});

/** Answerer → caller, to the caller's inbox; the reply subject of each is where controls go. */
export const callFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("here"), n: number }),
  z.object({ kind: z.literal("value"), n: number, value: json }),
  z.object({ kind: z.literal("piece"), n: number, text: z.string(), isLast: z.boolean() }),
  z.object({ kind: z.literal("end"), n: number }),
  z.object({ kind: z.literal("fault"), n: number, fault: told }),
]);
export type CallFrame = z.infer<typeof callFrame>;

/** Caller → answerer. `n`: the last frame that was taken; `again` asks for those behind `after`, the last that came. */
export const callControl = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("taken"), call: callId, n: number }),
  z.object({ kind: z.literal("again"), call: callId, n: number, after: number }),
  z.object({ kind: z.literal("stop"), call: callId }),
]);
export type CallControl = z.infer<typeof callControl>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encoded(message: CallRequest | CallFrame | CallControl): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

/** Undefined for what is not such a message. */
export function decoded<T extends z.ZodType>(schema: T, data: Uint8Array): z.output<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(decoder.decode(data)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of a message beside what it carries, generously. */
const ENVELOPE_BYTES = 1_024;
/** An escaped UTF-16 unit is the longest that a character becomes. */
const MAX_BYTES_PER_CHAR = 6;
const MAX_FRAME_BYTES = 256 * 1024;

/** What a frame carries, before it has its number. */
export type Carried =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "piece"; readonly text: string; readonly isLast: boolean }
  | { readonly kind: "end" }
  | { readonly kind: "fault"; readonly fault: z.infer<typeof told> };

/** The frames that carry a value over a connection whose messages have so many bytes. */
export function carriersOf(value: Json, maxPayloadBytes: number): readonly Carried[] {
  const room = roomOf(maxPayloadBytes);
  const text = JSON.stringify(value);
  if (encoder.encode(text).length <= room) return [{ kind: "value", value }];
  const chars = Math.max(1, Math.floor(room / MAX_BYTES_PER_CHAR));
  const count = Math.ceil(text.length / chars);
  return Array.from({ length: count }, (_, index) => ({
    kind: "piece" as const,
    text: text.slice(index * chars, (index + 1) * chars),
    isLast: index === count - 1,
  }));
}

/** Without its details where they would not fit. */
export function faultCarrier({ code, message, retryable, details }: Fault, maxPayloadBytes: number): Carried {
  const text = JSON.stringify(details);
  const fits =
    text !== "{}" && encoder.encode(text).length <= roomOf(maxPayloadBytes) - message.length * MAX_BYTES_PER_CHAR;
  return { kind: "fault", fault: { code, message, retryable, ...(fits ? { details } : {}) } };
}

function roomOf(maxPayloadBytes: number): number {
  return Math.min(MAX_FRAME_BYTES, maxPayloadBytes) - ENVELOPE_BYTES;
}

export function faultOfFrame({ fault }: Extract<CallFrame, { kind: "fault" }>): Fault {
  const { code, message, retryable, details = {} } = fault;
  return new Fault(code, message, { retryable, details });
}
