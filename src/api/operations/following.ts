import { z } from "zod";
import type { RecordedEvent } from "#events/envelope.ts";
import { liveMessage, recordedFact } from "#src/api/operations/fact-shapes.ts";
import { streamsFacts, streamsLive } from "#src/api/operations/operation.ts";
import { planReference } from "#src/api/operations/plan-shapes.ts";
import { liveFeed } from "#src/api/live-feed.ts";
import { recorded } from "#src/api/reading.ts";

// The two channels: facts, of which none is missed, and what happens right now, of which some may be.

const plan = planReference.optional();

export const events = streamsFacts({
  route: "GET /v1/events",
  summary: "Streams facts, of one plan or of all, from a position on; none is missed, and none comes twice.",
  input: z.strictObject({
    plan,
    after: z.int().min(-1).default(-1).describe("position of the last fact that is known already; -1 for none"),
  }),
  output: recordedFact,
  run: async (app, input, { signal }) => recordedAll(await app.facts(input, signal)),
});

export const live = streamsLive({
  route: "GET /v1/live",
  summary: "Streams progress and log lines of tools as they come; whoever is slow misses some.",
  input: z.strictObject({ plan }),
  output: liveMessage,
  run: (app, { plan: reference }, { signal }) => liveFeed(app, reference, signal),
});

async function* recordedAll(events: AsyncIterable<RecordedEvent>) {
  for await (const event of events) yield recorded(event);
}
