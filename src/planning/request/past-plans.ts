import { z } from "zod";
import { json } from "#events/json.ts";
import type { RequestRow } from "#projections/requests-view.ts";
import type { Call, PastArgument, PastCall, PastPlan, Source } from "#src/planning/binding/source.ts";

// Plans of before as examples: what a request was planned to is written down when it is planned, and learned from when it has come to
// something. What is read was written by this program, or by an executor that says so: it is parsed as anything from outside.

const output = z.object({ kind: z.literal("output"), call: z.int().min(0), path: z.array(z.string()) });
const argument = z.union([
  output,
  z.object({ kind: z.literal("value"), value: json }),
  z.object({ kind: z.literal("text"), parts: z.array(z.union([z.string(), output])) }),
]);
const calls = z.array(z.object({ tool: z.string(), arguments: z.record(z.string(), argument) }));

/** Of requests that were answered, the first one last. */
export function pastPlans(rows: readonly RequestRow[]): readonly PastPlan[] {
  return rows.toReversed().flatMap(({ outcome, request, calls: written }): readonly PastPlan[] => {
    const parsed = calls.safeParse(written);
    return outcome === "succeeded" && request !== "" && parsed.success ? [{ request, calls: parsed.data }] : [];
  });
}

/** What a plan is written down as. */
export function asPast(made: readonly Call[]): readonly PastCall[] {
  return made.map(({ tool, arguments: bound }) => ({
    tool,
    arguments: Object.fromEntries(Object.entries(bound).map(([name, source]) => [name, pastOf(source)])),
  }));
}

function pastOf(source: Source): PastArgument {
  if (source.kind === "output" || source.kind === "text") return source;
  return { kind: "value", value: source.value };
}
