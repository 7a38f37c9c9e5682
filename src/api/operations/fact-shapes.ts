import { z } from "zod";
import { json } from "#events/json.ts";

// Facts as subscribers get them, and what the live channel says. A fact's data is passed on as it is stored, so that a
// client of another version, and one that has no schema at all, gets all of it.

export const recordedFact = z.object({
  id: z.string(),
  position: z.int().describe("place in the whole log; give it as `after`, or as Last-Event-ID, to go on behind it"),
  stream: z.string(),
  plan: z.string().exactOptional(),
  revision: z.int().describe("place in the plan's own history, from 0"),
  type: z.string(),
  schemaVersion: z.int(),
  at: z.number(),
  actor: z.string().describe("who asked for it; `system` for what followed by itself"),
  correlation: z.string(),
  command: z.string().exactOptional(),
  data: json,
});

const attempt = { plan: z.string(), step: z.string(), attempt: z.int(), at: z.number() };

export const liveMessage = z.discriminatedUnion("kind", [
  z.object({
    ...attempt,
    kind: z.literal("progress"),
    percent: z.number().exactOptional(),
    message: z.string().exactOptional(),
    text: z
      .object({ from: z.int().describe("characters before it; 0 begins anew"), piece: z.string() })
      .exactOptional()
      .describe("a piece of a text that the tool is making"),
  }),
  z.object({
    ...attempt,
    kind: z.literal("log"),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).exactOptional(),
  }),
  z.object({ kind: z.literal("dropped"), count: z.int().describe("messages that came faster than they were taken") }),
]);
