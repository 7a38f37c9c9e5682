import { parse, type ParsedComponents, type ParsedResult } from "chrono-node";
import type { BareValue, Said } from "#src/planning/analysis/value.ts";

// Dates and times, by chrono: "tomorrow at 6 a.m.", "from Monday to Friday", "August 15, 2024".
//
// D1. What is relative is relative to the moment and the time zone of who asks; nothing here reads a clock.
// D2. What is only a duration ("for 3 hours") or a number is left to quantities: chrono takes it for a moment.

export interface Moment {
  /** When it is asked, ms since the epoch. */
  readonly now: number;
  /** Of who asks, in minutes east of UTC. Default: 0. */
  readonly zoneMinutes?: number;
}

/** "from 1 to 2" counts rooms as well as hours, "an M" is a size, and "a morning flight" has no day. */
const TOO_LITTLE =
  /^(?:\d{1,2}(?: ?(?:to|-|–|until) ?\d{1,2})?|\D{0,4}|(?:(?:the|an?|this) )?(?:morning|afternoon|evening|night|noon))$/iu;
const DURATION_ONLY = /^for\s|^(?:\p{L}+|\d+) (?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?)$/iu;

export function datesIn(text: string, { now, zoneMinutes = 0 }: Moment): readonly BareValue[] {
  const reference = { instant: new Date(now), timezone: zoneMinutes };
  return parse(text, reference, { forwardDate: true }).flatMap((found) => {
    const said = { from: found.index, to: found.index + found.text.length, words: found.text };
    return DURATION_ONLY.test(found.text) || TOO_LITTLE.test(found.text) ? [] : valuesOf(found, said);
  });
}

function valuesOf({ start, ...found }: ParsedResult, said: Said): readonly BareValue[] {
  // chrono's types say undefined where it gives null.
  const end = found.end ?? undefined;
  if (end === undefined) return [{ ...valueOf(start), ...said }];
  if (!hasDay(start) && !hasDay(end)) return [{ ...valueOf(start), ...said }];
  return [{ kind: "date-range", value: dayOf(start), end: dayOf(end), ...said }];
}

type Instant = Extract<BareValue, { kind: "date" | "time" | "date-time" }>;

function valueOf(at: ParsedComponents): Pick<Instant, "kind" | "value"> {
  const hasTime = at.isCertain("hour");
  if (!hasTime) return { kind: "date", value: dayOf(at) };
  return hasDay(at) ? { kind: "date-time", value: `${dayOf(at)}T${timeOf(at)}` } : { kind: "time", value: timeOf(at) };
}

function hasDay(at: ParsedComponents): boolean {
  return at.isCertain("day") || at.isCertain("weekday") || at.isCertain("month");
}

function dayOf(at: ParsedComponents): string {
  return `${padded(at.get("year"), 4)}-${padded(at.get("month"), 2)}-${padded(at.get("day"), 2)}`;
}

function timeOf(at: ParsedComponents): string {
  return `${padded(at.get("hour"), 2)}:${padded(at.get("minute"), 2)}`;
}

function padded(part: number | null, digits: number): string {
  return String(part ?? 0).padStart(digits, "0");
}
