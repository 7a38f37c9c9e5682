import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { decode } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { planId, type PlanId } from "#events/ids.ts";
import { json, type Json, type JsonObject } from "#events/json.ts";
import { refsOf, type Payload } from "#events/payload.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, pathAt, planStateOf, type PlanState, type PlanView } from "#machines/state.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";

// Recorded histories: what a plan has been through, as a file beside the tests. Replayed by today's code they must come to
// the end that they came to then; where they do not, running plans would not either.
//
// R1. A history holds events as a store gives them back, and the end in words of the domain (states of steps, outputs,
//     errors), not in those of any release's snapshots.
// R2. Of payloads that were kept as blobs it holds those that replaying needs; others are compared by their hashes.

const FORMAT = "planwright-history@1";

const recorded = z.object({
  format: z.literal(FORMAT),
  plan: planId,
  events: z.array(z.custom<RecordedEvent>((event) => typeof event === "object" && event !== null)).min(1),
  /** Values by the hash of their blob. */
  blobs: z.record(z.string(), json),
  end: z.object({
    plan: z.string(),
    /** State of every step by its path. */
    steps: z.record(z.string(), z.string()),
    outputs: json.optional(),
    response: json.optional(),
    /** Category and code. */
    error: z.string().optional(),
  }),
});
/** As JSON it is what `readHistory` reads. */
export type RecordedHistory = z.infer<typeof recorded>;

/** Where a history is taken from: a `PlanRun`, or a plan of any store with `openReader(…).plans`. */
export interface HistorySource {
  readonly plans: Pick<PlanReader, "events" | "state" | "value">;
  readonly plan: PlanId;
}

/** Faults: `plan-unknown`, `plan-unreadable`, `blob-missing`. */
export async function recordHistory({ plans, plan }: HistorySource): Promise<RecordedHistory> {
  const state = await plans.state(plan);
  const events: RecordedEvent[] = [];
  for await (const event of plans.events(plan)) events.push(event);
  const blobs = await definitionsIn(events, (source) => plans.value(source));
  return { format: FORMAT, plan, events, blobs, end: endOf(state) };
}

/** Writes a history as a file that people can read and compare. */
export function writeHistory(file: string | URL, history: RecordedHistory): void {
  writeFileSync(file, `${JSON.stringify(history, undefined, 2)}\n`);
}

/** Faults: `history-unreadable`, with what is wrong with the file. */
export function readHistory(file: string | URL): RecordedHistory {
  const read = recorded.safeParse(parsed(file));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw unreadable(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is no recorded history"}`);
}

/**
 * Folds the history with today's code and compares where it comes to with the recorded end. Throws an AssertionError that
 * shows the difference, or names the event that is refused. Returns the state.
 */
export function expectReplay(history: RecordedHistory): PlanView {
  const state = emptyState(history.plan);
  const blobs = new Map(Object.entries(history.blobs));
  for (const event of history.events) replay(state, event, blobs);
  assert.deepEqual(endOf(state), history.end, "the history comes to another end than it did when it was recorded");
  return state;
}

function replay(state: PlanState, event: RecordedEvent, blobs: ReadonlyMap<string, Json>): void {
  try {
    fold(state, { fact: decode(event), at: event.origin.occurredAt }, blobs);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new assert.AssertionError({ message: `${event.type} at revision ${event.revision} is refused: ${said}` });
  }
}

function endOf(state: PlanView): RecordedHistory["end"] {
  const steps = state.steps.flatMap((record, index) => {
    return record === undefined ? [] : [[pathAt(state, index), record.chart.value] as const];
  });
  const { outputs, response, error } = state;
  return {
    plan: planStateOf(state),
    steps: Object.fromEntries(steps),
    ...(outputs === undefined ? {} : { outputs: shown(outputs) }),
    ...(response === undefined ? {} : { response: shown(response) }),
    ...(error === undefined ? {} : { error: `${error.category}: ${error.code}` }),
  };
}

/** A value where it is inline; else what names it. */
function shown(source: Payload): Json {
  return "inline" in source ? source.inline : [...refsOf(source)];
}

/** Folding reads a plan's definitions and nothing else. */
async function definitionsIn(
  events: readonly RecordedEvent[],
  valueOf: (source: Payload) => Promise<Json>,
): Promise<JsonObject> {
  const blobs: Record<string, Json> = {};
  for (const event of events) {
    const fact = decode(event);
    const source = "definition" in fact.data ? fact.data.definition : undefined;
    if (source === undefined) continue;
    for (const ref of refsOf(source)) blobs[ref] = await valueOf(source);
  }
  return blobs;
}

function parsed(file: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(file: string | URL, what: string): Fault {
  return new Fault("history-unreadable", `${String(file)} is no history that this release can read: ${what}`);
}
