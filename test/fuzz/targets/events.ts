import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { z } from "zod";
import { catalog, read, row } from "#events/catalog.ts";
import { citationsIn } from "#events/citations.ts";
import type { EncodedEvent, RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { batchId, eventIdOf } from "#events/ids.ts";
import { json, type Json } from "#events/json.ts";
import { planStream } from "#events/streams.ts";
import { advance, nextDueAt } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { type PlanState } from "#machines/state.ts";
import { selectApprovals } from "#projections/approvals.ts";
import { selectCost } from "#projections/cost.ts";
import { selectProgress } from "#projections/progress.ts";
import { selectTimeline } from "#projections/timeline.ts";
import { selectTimers } from "#projections/timers.ts";
import { selectWaiting } from "#projections/why.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { decodeAppend, type StoredAppend } from "#src/store/batch.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { EPOCH, PLAN, WORKER } from "../../machines/plans.ts";
import { mutated } from "../mutation/structure.ts";
import { mutatedText } from "../mutation/text.ts";
import { TEXTS } from "../mutation/hostile-values.ts";
import { Violation, type Target } from "../target.ts";

// Stored facts: the recorded histories with events changed, lost, doubled and in another order, of other types and versions.
//
// V1. A plan whose stream cannot be folded is unreadable, with the event and a code; only the text of an append may also be
//     refused as the store says (a SyntaxError or TypeError).
// V2. A state that was accepted can be looked at, encoded, decoded and asked what comes next.

const event = z.object({ type: z.string(), schemaVersion: z.number(), data: json });
const input = z.object({
  events: z.array(event).max(200),
  /** Text of the append, where it is not what `events` make. */
  text: z.string().exactOptional(),
});
type Drawn = z.infer<typeof input>;

const HISTORIES = new URL("../../histories/", import.meta.url);
const PIECES = [...TEXTS.filter((text) => text.length < 80), "{", "}", "[", "]", ",", '"', "1e400", "\\u0000"];

interface StoredHistory {
  readonly stream: string;
  readonly events: readonly RecordedEvent[];
}

export async function openEvents(): Promise<Target> {
  const histories = readdirSync(HISTORIES)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(new URL(file, HISTORIES), "utf8")) as StoredHistory)
    .map(({ events }) => events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data })));
  const words = wordsIn(histories);
  const draw = (random: SeededRandom): Json => drawn(histories, words, random);
  return { draw, run, [Symbol.asyncDispose]: async () => undefined };
}

function wordsIn(histories: readonly (readonly EncodedEvent[])[]): readonly string[] {
  const words = new Set<string>();
  JSON.stringify(histories, (key, value: unknown) => {
    if (key !== "" && !/^\d+$/.test(key)) words.add(key);
    return value;
  });
  return [...words];
}

function drawn(histories: readonly (readonly EncodedEvent[])[], words: readonly string[], random: SeededRandom): Drawn {
  let events = [...random.pick(histories)];
  for (let change = random.int(1, 3); change > 0; change--)
    events = changedEvents(events, { histories, words, random });
  if (!random.chance(0.1)) return { events };
  const text = JSON.stringify(events.map(({ type, schemaVersion, data }) => [type, schemaVersion, data]));
  return { events: [], text: mutatedText(text, random, PIECES) };
}

interface Around {
  readonly histories: readonly (readonly EncodedEvent[])[];
  readonly words: readonly string[];
  readonly random: SeededRandom;
}

/** One event changed, or the order of all. */
function changedEvents(events: readonly EncodedEvent[], { histories, words, random }: Around): EncodedEvent[] {
  const at = random.int(0, Math.max(0, events.length - 1));
  const chosen = events[at];
  if (chosen === undefined) return [...events];
  switch (random.int(0, 9)) {
    case 0:
      return events.toSpliced(at, 1);
    case 1:
      return events.toSpliced(at, 0, chosen);
    case 2:
      return events.toSpliced(random.int(0, events.length - 1), 0, chosen).toSpliced(at, 1);
    case 3:
      return events.toSpliced(at, 0, random.pick(random.pick(histories)));
    case 4:
      return events.with(at, {
        ...chosen,
        type: random.pick([...Object.keys(catalog), "__proto__", "constructor", "", "PlanX"]),
      });
    case 5:
      return events.with(at, { ...chosen, schemaVersion: random.pick([0, -1, 2, 1.5, 1e308, 3]) });
    default:
      return events.with(at, { ...chosen, data: mutated(chosen.data, random, words) });
  }
}

async function run(given: Json): Promise<string> {
  const shaped = input.safeParse(given);
  if (!shaped.success) return "no case";
  const { text } = shaped.data;
  const events = text === undefined ? shaped.data.events : eventsOf(text);
  if (events === undefined) return "no append";
  upcast(events);
  for (const each of events) [...citationsIn(each.data)].forEach(({ ref }) => ref.length);
  return loaded(events);
}

/** As an actor and every reader loads a plan, after each of its facts. */
async function loaded(events: readonly EncodedEvent[]): Promise<string> {
  const recorded = events.map((each, revision) => ({ ...each, ...around(revision) }));
  const source = {
    read: (_: unknown, { from = 0 } = {}) => Readable.from(recorded.slice(from)) as AsyncIterable<RecordedEvent>,
  };
  const payloads = new Payloads(memoryBlobs(new Map(), systemClock));
  for (let toRevision = 0; toRevision < Math.max(1, events.length); toRevision++) {
    try {
      look(await loadPlan(PLAN, { events: source, payloads }, { toRevision }));
    } catch (error) {
      if (!Fault.is(error, "plan-unreadable")) throw error;
      return `unreadable: ${z.string().parse(error.details["code"])}`;
    }
  }
  return "loaded";
}

function around(revision: number): Omit<RecordedEvent, keyof EncodedEvent> {
  const batch = batchId.parse("019b76da-a800-7000-8000-000000000000");
  const origin = { batch, occurredAt: AT + revision, tenant: "default", correlation: PLAN, actor: "system" };
  return { id: eventIdOf(batch, revision % 256), stream: planStream(PLAN), revision, position: revision, origin };
}

const AT = Date.UTC(2026, 0, 1);

function refusalOf(use: () => void): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const code = String(error.code);
    if (/^[a-z][a-z-]*$/.test(code)) return code;
    throw new Violation(`a fault with the code ${JSON.stringify(code)}`);
  }
}

/** As the store reads an append. */
function eventsOf(text: string): readonly EncodedEvent[] | undefined {
  const count = countOf(text);
  const stored = {
    batch: "019b76da-a800-7000-8000-000000000000",
    stream: `plan-99-${PLAN}`,
    revision: 0,
    position: 0,
    count,
  };
  try {
    return decodeAppend({ ...stored, occurredAt: AT, origin: '[0,"system"]', events: text } as StoredAppend);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof Fault) return undefined;
    throw error;
  }
}

function countOf(text: string): number {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.length : 0;
  } catch {
    return 0;
  }
}

/** A fact that has had three versions, over whatever an old one may hold. */
const ROW = row("step", z.object({ name: z.string(), size: z.number(), unit: z.string() }), [
  (data) => ({ ...(data as object), size: 0 }),
  (data) => ({ ...(data as object), unit: "byte" }),
]);

function upcast(events: readonly EncodedEvent[]): void {
  for (const each of events) refusalOf(() => void read(ROW, each));
}

function look(state: PlanState): void {
  if (state.drafted === undefined) return;
  const now = AT + 1_000;
  selectProgress(state, now);
  selectTimeline(state, now);
  selectWaiting(state, 100);
  selectApprovals(state);
  selectTimers(state, 100);
  selectCost(state, now);
  nextDueAt(state, now);
  const encoded = JSON.parse(JSON.stringify(encodeState(state))) as Json;
  const again = decodeState(PLAN, encoded, NO_BLOBS);
  const moment = { now, epoch: EPOCH, random: () => 0.5, blobs: NO_BLOBS };
  const refusal = refusalOf(
    () => void advance(again, { moment, slots: { executorFor: () => WORKER }, blobs: NO_BLOBS }),
  );
  if (refusal !== undefined && !MAY_REFUSE.has(refusal)) throw new Violation(`what comes next is refused: ${refusal}`);
}

const MAY_REFUSE: ReadonlySet<string> = new Set(["blob-missing"]);
