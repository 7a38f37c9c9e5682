import { shortText } from "#src/implementation/short-text.ts";

// Words and numbers of reports, the same in every rendering: durations and sizes rounded, moments in UTC, and what somebody else wrote
// made fit to stand beside them.

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `850 ms`, `2.4 s`, `3 min 20 s`, `5 h 3 min`, `2 d 4 h`. */
export function spanText(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? "−" : "";
  if (size < SECOND_MS) return `${sign}${Math.round(size)} ms`;
  if (size < MINUTE_MS) return `${sign}${(size / SECOND_MS).toFixed(1)} s`;
  if (size < HOUR_MS)
    return sign + two([Math.floor(size / MINUTE_MS), "min"], [Math.floor((size % MINUTE_MS) / SECOND_MS), "s"]);
  if (size < DAY_MS)
    return sign + two([Math.floor(size / HOUR_MS), "h"], [Math.floor((size % HOUR_MS) / MINUTE_MS), "min"]);
  return sign + two([Math.floor(size / DAY_MS), "d"], [Math.floor((size % DAY_MS) / HOUR_MS), "h"]);
}

type Part = readonly [number, string];

function two([many, unit]: Part, [few, smaller]: Part): string {
  return few === 0 ? `${many} ${unit}` : `${many} ${unit} ${few} ${smaller}`;
}

/** `+3 min 20 s`, `−2.4 s`, `on time`. */
export function slipText(ms: number): string {
  if (Math.abs(ms) < 1) return "on time";
  return ms > 0 ? `+${spanText(ms)}` : spanText(ms);
}

/** UTC, so that it means the same to everybody who reads it. */
export function momentText(at: number): string {
  return `${new Date(at).toISOString().replace("T", " ").slice(0, -5)} UTC`;
}

/** Never 100 before all is done. */
export function percentText(percent: number): string {
  return `${percent >= 100 ? 100 : Math.min(99.9, Math.round(percent * 10) / 10)} %`;
}

export function shareText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const UNIT = 1024;

export function sizeText(bytes: number): string {
  if (bytes < UNIT) return `${bytes} B`;
  return bytes < UNIT * UNIT ? `${(bytes / UNIT).toFixed(1)} KiB` : `${(bytes / UNIT / UNIT).toFixed(1)} MiB`;
}

const MAX_LINE_CHARS = 400;

/** One line of text that somebody else wrote: nothing in it steers a terminal or turns the direction of what stands beside it. */
export function plain(text: string): string {
  const line = text
    // eslint-disable-next-line no-control-regex
    .replaceAll(/\u001b\[[0-?]*[ -/]*[@-~]/gu, "")
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, " ")
    .replaceAll(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu, "")
    .toWellFormed()
    .trim();
  return shortText(line, MAX_LINE_CHARS);
}
