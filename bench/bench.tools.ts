import { z } from "zod";
import { sleep } from "#src/ports/clock.ts";
import { defineTool } from "#src/tools/define.ts";

// The tools of the benchmarks' plans, for the engine of a suite and for workers (`planwright worker --tools`).

/** Costs nothing: what is measured is the runtime, not the work. */
export const echo = defineTool({
  name: "bench.echo",
  version: "1.0.0",
  description: "Gives back what it gets.",
  input: z.object({ value: z.unknown() }),
  output: z.unknown(),
  sideEffects: "read",
  run: ({ value }) => value,
});

/** Says on the live channel that it has begun, and takes its time. */
export const pause = defineTool({
  name: "bench.pause",
  version: "1.0.0",
  description: "Waits for so many milliseconds.",
  input: z.object({ ms: z.int().positive() }),
  output: z.int(),
  sideEffects: "read",
  run: async ({ ms }, { clock, log, signal }) => {
    log("began");
    await sleep(clock, ms, signal);
    return ms;
  },
});
