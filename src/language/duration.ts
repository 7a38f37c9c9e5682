// Durations of the plan language: a number and a unit, `500ms`, `10s`, `1.5h`, `2d`.

export const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A century: what is longer is a mistake, and sums of a few stay exact. */
const MAX_DURATION_MS = 36_500 * 86_400_000;

/** Milliseconds; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (unitsMs[unit ?? ""] ?? Number.NaN));
  return ms <= MAX_DURATION_MS ? ms : undefined;
}
