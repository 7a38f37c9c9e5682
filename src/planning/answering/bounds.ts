import type { Constraint } from "#src/planning/analysis/constraints.ts";
import type { FoundValue } from "#src/planning/analysis/value.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { callsIn, type Call } from "#src/planning/binding/source.ts";

// Deadlines and budgets of a request as numbers, and what calls of tools take at least and cost, as far as the catalog knows.
//
// B1. A day ends when it ends where the asker is.
//     A moment is told to the minute: "in 10 seconds" ends with this one.
// B2. What is not known is no reason to refuse: a tool that never ran takes no time here, one without a price costs nothing.

export interface Deadline {
  /** ms since the epoch. */
  readonly at: number;
  readonly words: string;
}

export interface Budget {
  readonly amount: number;
  readonly currency: string;
  readonly words: string;
}

/** What a plan takes at least. An estimate of the planner's may say it better than the catalog does. */
export interface Least {
  readonly durationMs: number;
  readonly cost: { readonly amount: number; readonly currency: string } | undefined;
}

export interface Clock {
  /** When it is asked, ms since the epoch. */
  readonly now: number;
  /** Of who asks, in minutes east of UTC. Default: 0. */
  readonly zoneMinutes?: number;
}

/** One for each moment that is said, in the order in which they are said. */
export function deadlinesOf(constraints: readonly Constraint[], clock: Clock): readonly Deadline[] {
  const found = constraints.flatMap((one) => {
    const at = one.kind === "deadline" ? momentOf(one.value, clock) : undefined;
    return at === undefined ? [] : [{ at, words: one.words }];
  });
  return found.filter(({ at }, index) => found.findIndex((other) => other.at === at) === index);
}

export function budgetsOf(constraints: readonly Constraint[]): readonly Budget[] {
  const found = constraints.flatMap((one) =>
    one.kind === "budget" && one.value.kind === "money"
      ? [{ amount: one.value.value, currency: one.value.currency, words: one.words }]
      : [],
  );
  const isSame = (one: Budget, other: Budget): boolean =>
    one.amount === other.amount && one.currency === other.currency;
  return found.filter((one, index) => found.findIndex((other) => isSame(one, other)) === index);
}

const MS_A_MINUTE = 60_000;
const MS_A_DAY = 86_400_000;

function momentOf(value: FoundValue, { now, zoneMinutes = 0 }: Clock): number | undefined {
  const local = (text: string): number => Date.parse(`${text}Z`) - zoneMinutes * MS_A_MINUTE;
  if (value.kind === "date") return local(`${value.value}T00:00`) + MS_A_DAY;
  if (value.kind === "date-time") {
    const at = local(value.value);
    return at <= now && now < at + MS_A_MINUTE ? at + MS_A_MINUTE : at;
  }
  if (value.kind === "time") {
    const today = new Date(now + zoneMinutes * MS_A_MINUTE).toISOString().slice(0, "2026-11-27".length);
    return local(`${today}T${value.value}`);
  }
  const ms = value.kind === "duration" ? durationMs(value.value) : undefined;
  return ms === undefined ? undefined : now + ms;
}

const DURATION = /^P(?:(\d+(?:\.\d+)?)([DWMY])|T(\d+(?:\.\d+)?)([HMS]))$/;
const MS_OF = { D: MS_A_DAY, W: 7 * MS_A_DAY, M: 30 * MS_A_DAY, Y: 365 * MS_A_DAY };
const MS_OF_TIME = { H: 3_600_000, M: MS_A_MINUTE, S: 1_000 };

function durationMs(text: string): number | undefined {
  const [, days, unit = "", times, timeUnit = ""] = DURATION.exec(text) ?? [];
  const scales: Readonly<Record<string, number>> = days === undefined ? MS_OF_TIME : MS_OF;
  const scale = scales[days === undefined ? timeUnit : unit];
  return scale === undefined ? undefined : Number(days ?? times) * scale;
}

/** B2. Along the data flow, with nothing between the calls. */
export function leastOf(calls: readonly Call[], entries: readonly CatalogEntry[]): Least {
  const ends: number[] = [];
  let amount = 0;
  const currencies = new Set<string>();
  for (const { tool, arguments: given } of calls) {
    const entry = entries.find(({ name }) => name === tool);
    const starts = Object.values(given)
      .flatMap(callsIn)
      .map((call) => ends[call] ?? 0);
    ends.push(Math.max(0, ...starts) + (entry?.observed?.durationMs?.p50 ?? 0));
    if (entry?.cost === undefined) continue;
    amount += entry.cost.amount;
    currencies.add(entry.cost.unit);
  }
  const [currency] = currencies;
  const cost = currency === undefined || currencies.size > 1 ? undefined : { amount, currency };
  return { durationMs: Math.max(0, ...ends), cost };
}
