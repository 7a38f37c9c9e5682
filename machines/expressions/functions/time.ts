import { timestampAt } from "#machines/expressions/arithmetic.ts";
import { DURATION, INT, TIMESTAMP } from "#machines/expressions/expression-type.ts";
import { binary, INTEGER, invalid, SPAN, TEXT, TIME, unary } from "#machines/expressions/functions/declaration.ts";
import type { FunctionDeclaration } from "#machines/expressions/functions/declaration.ts";
import { durationOf } from "#machines/expressions/value.ts";
import type { Duration, Timestamp } from "#machines/expressions/value.ts";

// Timestamps and durations, in milliseconds. Time zones are fixed offsets (`+02:00`): the rules of named zones belong to the
// machine, and the same expression must give the same value everywhere. There is no `now`.

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["ms", 1],
  ["s", MS_PER_SECOND],
  ["m", MS_PER_MINUTE],
  ["h", MS_PER_HOUR],
  ["d", MS_PER_DAY],
]);

/** Months, days of the month and of the year count from 0 as CEL defines; `getDate` counts from 1. */
const timestampParts: readonly (readonly [string, (date: Date) => number])[] = [
  ["getFullYear", (date) => date.getUTCFullYear()],
  ["getMonth", (date) => date.getUTCMonth()],
  ["getDate", (date) => date.getUTCDate()],
  ["getDayOfMonth", (date) => date.getUTCDate() - 1],
  ["getDayOfWeek", (date) => date.getUTCDay()],
  ["getDayOfYear", (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / MS_PER_DAY)],
  ["getHours", (date) => date.getUTCHours()],
  ["getMinutes", (date) => date.getUTCMinutes()],
  ["getSeconds", (date) => date.getUTCSeconds()],
  ["getMilliseconds", (date) => date.getUTCMilliseconds()],
];

const durationParts: readonly (readonly [string, number])[] = [
  ["getHours", MS_PER_HOUR],
  ["getMinutes", MS_PER_MINUTE],
  ["getSeconds", MS_PER_SECOND],
  ["getMilliseconds", 1],
];

export const timeFunctions: readonly FunctionDeclaration[] = [
  unary({ name: "timestamp", parameters: [TEXT], result: TIMESTAMP }, parseTimestamp),
  unary({ name: "timestamp", parameters: [INTEGER], result: TIMESTAMP }, (seconds) =>
    timestampAt(seconds * MS_PER_SECOND),
  ),
  unary({ name: "duration", parameters: [TEXT], result: DURATION }, parseDuration),
  ...timestampParts.map(([name, part]) =>
    unary({ name, parameters: [TIME], result: INT }, (time) => BigInt(part(new Date(time.epochMs)))),
  ),
  ...timestampParts.map(([name, part]) =>
    binary({ name, parameters: [TIME, TEXT], result: INT }, ([time, zone]) =>
      BigInt(part(new Date(time.epochMs + offsetMs(zone)))),
    ),
  ),
  ...durationParts.map(([name, unitMs]) =>
    unary({ name, parameters: [SPAN], result: INT }, (span) => BigInt(Math.trunc(span.ms / unitMs))),
  ),
];

const DAY_CHARS = 10;
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

function parseTimestamp(text: string): Timestamp {
  const epochMs = RFC_3339.test(text) ? Date.parse(text.toUpperCase().replace(" ", "T")) : NaN;
  if (Number.isNaN(epochMs) || !isDay(text.slice(0, DAY_CHARS)))
    throw invalid("timestamp: not a time as 2026-01-31T10:00:00Z (RFC 3339)");
  return timestampAt(epochMs);
}

/** Dates roll over (30 February is 2 March); a text that says so is a mistake. */
function isDay(day: string): boolean {
  return new Date(Date.parse(day)).toISOString().startsWith(day);
}

const DURATION_TEXT = /^([+-]?)((?:\d{1,15}(?:\.\d{1,9})?(?:ns|us|ms|s|m|h|d))+)$/;
const MAX_DURATION_CHARS = 64;

function parseDuration(text: string): Duration {
  const match = text.length <= MAX_DURATION_CHARS ? DURATION_TEXT.exec(text) : null;
  if (match === null) throw invalid("duration: not a span as 90s, 1h30m, 500ms or 2d");
  let ms = 0;
  for (const [, count, unit] of (match[2] ?? "").matchAll(/([\d.]+)([a-z]+)/g)) {
    ms += Number(count) * (UNIT_MS.get(unit ?? "") ?? NaN);
  }
  return durationOf(match[1] === "-" ? -ms : ms);
}

function offsetMs(zone: string): number {
  if (zone === "UTC" || zone === "Z") return 0;
  const match = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (match === null) throw invalid("a time zone is UTC or an offset as +02:00");
  const ms = Number(match[2]) * MS_PER_HOUR + Number(match[3]) * MS_PER_MINUTE;
  return match[1] === "-" ? -ms : ms;
}
