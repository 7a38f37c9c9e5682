// Short texts for people: durations, sizes, times, ids. A machine reads JSON, so that nothing here needs to be read back
// (durations and sizes are rounded).

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** `850ms`, `2.4s`, `3m 20s`, `5h 3m`. */
export function durationText(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m ${Math.floor((ms % MINUTE_MS) / SECOND_MS)}s`;
  return `${Math.floor(ms / HOUR_MS)}h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)}m`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const UNIT_BYTES = 1024;

/** `812 B`, `48.8 KiB`, `3.2 GiB`. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= UNIT_BYTES && unit < UNITS.length - 1) {
    amount /= UNIT_BYTES;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** UTC, so that it means the same to everybody who reads it. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, -5);
}

/** One line of at most so many characters, safe for a terminal. */
export function lineText(text: string, maxChars: number): string {
  // eslint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length <= maxChars ? line : `${line.slice(0, Math.max(0, maxChars - 1))}…`;
}

/** Several lines without anything that could steer the terminal. */
export function safeText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
