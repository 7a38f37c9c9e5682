// A golden history: events as a store gave them back, what must follow from them, and what would go wrong for a reader
// that ignored a field. Claims are data, so that a history needs no code of the release that wrote it.
import { decode } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import { SYSTEM_STREAM } from "#events/streams.ts";
import { advance, nextDueAt } from "#machines/advance.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { decide } from "#machines/decide/decide.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { replay } from "../machines/driver.ts";
import { EPOCH, WORKER } from "../machines/plans.ts";

/** An answer, or the beginning of one: `idle`, `duplicate`, `rejected: code`, or facts with some of their data. */
type Answer = string | readonly { readonly type: string; readonly data: Json }[];

export type Claim =
  | { readonly plan: string }
  | { readonly step: string; readonly is: string }
  /** Milliseconds since the epoch; null for never. */
  | { readonly nextDueAt: number | null; readonly now: number }
  | { readonly command: Command; readonly now: number; readonly answer: Answer }
  | { readonly advance: { readonly slots: number }; readonly now: number; readonly answer: Answer }
  /** A value in the state, or in the fact of one revision, by dotted path. */
  | { readonly read: string; readonly revision?: number; readonly is: Json };

export interface Ignored {
  /** Fact and field, or `next` and its field. */
  readonly field: string;
  /** What somebody who ignores the field would take for granted. */
  readonly as: Json;
  /** The claim that then breaks, counted from 0; without it, the fold refuses the history. */
  readonly breaks?: number;
}

export interface History {
  readonly hazard: string;
  readonly stream: string;
  readonly claims: readonly Claim[];
  readonly ignored: readonly Ignored[];
  readonly events: readonly RecordedEvent[];
}

/** The claims that do not hold, as `[what is, what should be]` by index. Throws what decoding and folding throw. */
export function broken(history: Pick<History, "claims" | "events">): Map<number, readonly [unknown, unknown]> {
  const facts = history.events.map(decode);
  const isPlan = history.events.every(({ stream }) => stream !== SYSTEM_STREAM);
  const state = isPlan ? replay(history.events) : undefined;
  const compared = history.claims.map((claim, index) => {
    if (!("read" in claim)) return [index, compare(claim, state)] as const;
    const subject = claim.revision === undefined ? state : facts[claim.revision];
    return [index, [valueAt(subject, claim.read), claim.is]] as const;
  });
  return new Map(compared.filter(([, [is, should]]) => !includes(is, should)));
}

/** The events as they would be if nobody had ever recorded the field. */
export function ignoring({ events }: History, { field, as }: Ignored): RecordedEvent[] {
  const [subject = "", name = ""] = field.split(".");
  return events.map((event) => {
    if (!isJsonObject(event.data)) return event;
    const holder = subject === "next" ? event.data["next"] : event.type === subject ? event.data : undefined;
    if (!isJsonObject(holder) || holder[name] === undefined) return event;
    const changed = { ...holder, [name]: as };
    return { ...event, data: subject === "next" ? { ...event.data, next: changed } : changed };
  });
}

/** Whether some event carries the field. */
export function carries({ events }: Pick<History, "events">, field: string): boolean {
  const [subject = "", name = ""] = field.split(".");
  return events.some(({ type, data }) => {
    const holder = subject === "next" && isJsonObject(data) ? data["next"] : type === subject ? data : undefined;
    return isJsonObject(holder) && holder[name] !== undefined;
  });
}

type StateClaim = Exclude<Claim, { readonly read: string }>;

function compare(claim: StateClaim, state: PlanState | undefined): readonly [unknown, unknown] {
  if (state === undefined) throw new Error("only a plan has a state");
  if ("plan" in claim) return [state.header.value, claim.plan];
  if ("step" in claim) return [state.steps[stepIndex(state, claim.step)]?.chart.value, claim.is];
  if ("nextDueAt" in claim) return [nextDueAt(state, claim.now) ?? null, claim.nextDueAt];
  const moment = { now: claim.now, epoch: EPOCH, random: () => 0.5 };
  if ("command" in claim) return [shown(decide(claim.command, state, moment)), claim.answer];
  const slots = { executorFor: () => (claim.advance.slots > 0 ? WORKER : undefined) };
  return [shown(advance(state, { moment, slots, blobs: NO_BLOBS })), claim.answer];
}

function shown(answer: Decision | ReturnType<typeof advance>): unknown {
  if ("facts" in answer) return answer.facts;
  return "code" in answer ? `rejected: ${answer.code}` : answer.kind;
}

function valueAt(source: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], source);
}

/** Whether `is` has everything that `should` has. */
function includes(is: unknown, should: unknown): boolean {
  if (typeof should !== "object" || should === null) return Object.is(is, should);
  if (typeof is !== "object" || is === null) return false;
  if (Array.isArray(should) && Array.isArray(is) && is.length !== should.length) return false;
  return Object.entries(should).every(([key, member]) => includes((is as Record<string, unknown>)[key], member));
}
