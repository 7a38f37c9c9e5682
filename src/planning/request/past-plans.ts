import { z } from "zod";
import { json, type JsonObject } from "#events/json.ts";
import type { RequestRow } from "#projections/requests-view.ts";
import type { PastArgument, PastPlan, Source } from "#src/planning/binding/source.ts";
import { isTemplate } from "#src/planning/fitting/template-entry.ts";
import type { Result, Session, Turn } from "#src/planning/conversation/session.ts";

// Requests of before, as they were written down when they were planned: examples to learn from, and turns of a conversation to go on
// with. What is read was written by this program, or by an executor that says so: it is parsed as anything from outside.

const output = z.object({ kind: z.literal("output"), call: z.int().min(0), path: z.array(z.string()) });
const said = z.object({ from: z.int().min(0), to: z.int().min(0), words: z.string() });
const source = z.union([
  output,
  z.object({ kind: z.literal("said"), value: json, said }),
  z.object({ kind: z.enum(["default", "habit", "model"]), value: json }),
  z.object({ kind: z.literal("earlier"), plan: z.string(), path: z.array(z.string()), said }),
  z.object({ kind: z.literal("text"), parts: z.array(z.union([z.string(), output])) }),
]);
/** What a planning step writes down of what it made. */
const made = z.object({
  text: z.string(),
  calls: z.array(z.object({ tool: z.string(), arguments: z.record(z.string(), source) })),
});

/** Of requests that were answered, the first one last. */
export function pastPlans(rows: readonly RequestRow[]): readonly PastPlan[] {
  return rows.toReversed().flatMap(({ outcome, made: written }): readonly PastPlan[] => {
    const { data } = made.safeParse(written);
    if (outcome !== "succeeded" || data === undefined) return [];
    const tools = data.calls.filter(({ tool }) => !isTemplate(tool));
    if (tools.length === 0) return [];
    const calls = tools.map(({ tool, arguments: bound }) => ({
      tool,
      arguments: Object.fromEntries(Object.entries(bound).flatMap(([name, one]) => pastOf(name, one))),
    }));
    return [{ request: data.text, calls }];
  });
}

/** What an earlier result was teaches nothing for other conversations. */
function pastOf(name: string, bound: Source): readonly [string, PastArgument][] {
  if (bound.kind === "earlier") return [];
  return [[name, bound.kind === "output" || bound.kind === "text" ? bound : { kind: "value", value: bound.value }]];
}

const choice = z.object({ value: json, text: z.string() });

const turn = z.object({
  plan: z.string(),
  at: z.number(),
  outcome: z.enum(["live", "succeeded", "failed", "cancelled"]),
  request: z.string(),
  made: made.nullable(),
  questions: z.array(z.object({ id: z.string(), choices: z.array(choice).exactOptional() })).exactOptional(),
  outputs: z.record(z.string(), json).exactOptional(),
});

/** The conversation so far; what cannot be read of it is left out. */
export function sessionOf(earlier: readonly JsonObject[]): Session {
  return { turns: earlier.flatMap(turnOf) };
}

function turnOf(row: JsonObject): readonly Turn[] {
  const { data } = turn.safeParse(row);
  if (data === undefined) return [];
  const { plan, at, outcome, made: written, questions } = data;
  const ended = outcome === "live" ? "running" : outcome;
  const isAsked = ended === "running" && questions !== undefined;
  if (written === null && !isAsked) return [];
  const { text, calls } = written ?? { text: data.request, calls: [] };
  const made = { plan, text, at, calls, results: resultsOf(data, calls) };
  if (!isAsked) return [{ ...made, state: ended }];
  return [{ ...made, state: "asked", offers: questions.map(({ id, choices = [] }) => ({ question: id, choices })) }];
}

/** Of several outputs the tools are not known, but their names say them. */
function resultsOf({ plan, outputs = {} }: z.infer<typeof turn>, calls: Turn["calls"]): readonly Result[] {
  const named = Object.entries(outputs);
  const tool = named.length === 1 ? (calls.at(-1)?.tool ?? "") : "";
  return named.map(([name, value]) => {
    return { plan, path: [name], name, tool, ...(Array.isArray(value) ? { items: value.length } : {}) };
  });
}
