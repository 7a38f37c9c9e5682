import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { planId } from "#events/ids.ts";
import type { LiveMessage } from "#src/ports/bus.ts";

// What comes over the live channel, which executors write and people look at: bounded, and nothing else than what is known.

const MAX_PATH_CHARS = 4_096;
const MAX_MESSAGE_CHARS = 16_384;

const about = {
  plan: planId,
  step: z.string().min(1).max(MAX_PATH_CHARS),
  attempt: z.int().min(1),
  at: z.number(),
};

const message = z.string().max(MAX_MESSAGE_CHARS);

const liveMessage = z.discriminatedUnion("kind", [
  z.object({
    ...about,
    kind: z.literal("progress"),
    percent: z.number().exactOptional(),
    message: message.exactOptional(),
    text: z.object({ from: z.int().min(0), piece: message }).exactOptional(),
  }),
  z.object({ ...about, kind: z.literal("log"), message, fields: z.record(z.string(), z.unknown()).exactOptional() }),
]) satisfies z.ZodType<LiveMessage>;

/** Fault: `malformed-message`. */
export function decodeLive(bytes: Uint8Array): LiveMessage {
  const read = liveMessage.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  if (read.success) return read.data;
  throw new Fault(
    "malformed-message",
    `this is no live message: ${read.error.issues[0]?.message ?? "it has not its shape"}`,
  );
}
