import { z } from "zod";
import { errorCategory } from "#events/errors.ts";
import { isolation } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { coordinatorId, executorId, planId } from "#events/ids.ts";
import { isDeeperThan, json, jsonObject, MAX_JSON_DEPTH } from "#events/json.ts";
import type { CoordinatorMessage, ExecutorMessage } from "#src/ports/bus.ts";

// Messages of the bus as bytes: the border between what another process sent and what a handler believes.
//
// W1. What is not a message is a fault, never a message with holes: a report becomes a fact, and a fact that cannot be read
//     again would stop its plan. What stands for a report that is none is in unreadable-report.ts.
// W2. Everything is bounded, so that what one message leads to fits into one append: texts, details, slots that are lent.
// W3. A member that this version does not know is dropped: a later version may say more.

/** The largest output of a tool, escaped, and what stands around it. */
const MAX_MESSAGE_BYTES = 24 * 1024 * 1024;

const MAX_MESSAGE_CHARS = 4_096;
const MAX_CODE_CHARS = 200;
const MAX_DETAILS_CHARS = 64 * 1024;
const MAX_PATH_CHARS = 4_096;
const MAX_NAME_CHARS = 200;
const MAX_SLOTS = 10_000;
const MAX_TOOLS = 10_000;

const name = z.string().min(1).max(MAX_NAME_CHARS);
const count = z.int().min(0);
const ms = z.number().min(0);

export const attemptKey = z.object({
  plan: planId,
  step: z.string().min(1).max(MAX_PATH_CHARS),
  attempt: z.int().min(1),
  epoch: count,
  edition: z.int().min(1),
});

const details = jsonObject.refine((value) => JSON.stringify(value).length <= MAX_DETAILS_CHARS, {
  error: `details have at most ${MAX_DETAILS_CHARS} characters`,
});

const error = z.object({
  category: errorCategory,
  code: z.string().max(MAX_CODE_CHARS),
  message: z.string().max(MAX_MESSAGE_CHARS),
  retryAfterMs: ms.exactOptional(),
  details: details.exactOptional(),
});

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("succeeded"), output: json }),
  z.object({ kind: z.literal("failed"), error, isSilent: z.boolean().exactOptional() }),
  z.object({ kind: z.literal("timed-out") }),
  z.object({ kind: z.literal("cancelled") }),
]);

const slots = z.array(count).max(MAX_SLOTS);

const executorMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("run"),
    key: attemptKey,
    from: coordinatorId,
    offer: count,
    slot: count.exactOptional(),
    tool: name,
    toolVersion: name,
    args: json,
    timeoutMs: z.number().positive(),
    idempotencyKey: z.string().min(1).max(MAX_PATH_CHARS),
    isolate: isolation.exactOptional(),
  }),
  z.object({ kind: z.literal("cancel"), key: attemptKey }),
  z.object({
    kind: z.literal("acknowledged"),
    key: attemptKey,
    outcome: z.enum(["succeeded", "failed", "timed-out", "cancelled"]),
  }),
  z.object({
    kind: z.literal("hello"),
    from: coordinatorId,
    protocol: count,
    version: name,
    at: ms,
    wants: count,
    heard: count,
    keeps: slots,
  }),
  z.object({ kind: z.literal("goodbye"), from: coordinatorId }),
]) satisfies z.ZodType<ExecutorMessage>;

const about = z.object({
  protocol: count,
  version: name,
  pool: name.exactOptional(),
  tools: z.array(name).max(MAX_TOOLS).exactOptional(),
});

const coordinatorMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("offer"),
    executor: executorId,
    number: count,
    since: count,
    heardAt: ms,
    slots,
    back: slots,
    about: about.exactOptional(),
  }),
  z.object({ kind: z.literal("report"), executor: executorId, key: attemptKey, outcome, durationMs: ms }),
  z.object({
    kind: z.enum(["alive", "gone"]),
    executor: executorId,
    load: z.object({ slots: count, used: count }).exactOptional(),
  }),
]) satisfies z.ZodType<CoordinatorMessage>;

export function encodeMessage(message: ExecutorMessage | CoordinatorMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** What a coordinator sent. Fault: `malformed-message`. */
export function decodeForExecutor(bytes: Uint8Array): ExecutorMessage {
  return decoded(executorMessage, bytes);
}

/** What an executor sent. Fault: `malformed-message`. */
export function decodeForCoordinator(bytes: Uint8Array): CoordinatorMessage {
  return decoded(coordinatorMessage, bytes);
}

function decoded<M>(schema: z.ZodType<M>, bytes: Uint8Array): M {
  if (bytes.length > MAX_MESSAGE_BYTES)
    throw malformed(`it has ${bytes.length} bytes, the limit is ${MAX_MESSAGE_BYTES}`);
  const read = schema.safeParse(parsed(bytes));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw malformed(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it has not its shape"}`);
}

function parsed(bytes: Uint8Array): unknown {
  const value = parse(bytes);
  if (isDeeperThan(value, MAX_JSON_DEPTH + LEVELS_AROUND)) throw malformed("it is nested too deep");
  return value;
}

/** Of the message around an output. */
const LEVELS_AROUND = 3;

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function malformed(why: string, cause?: unknown): Fault {
  return new Fault("malformed-message", `this is no message of the bus: ${why}`, { cause });
}
