import { writtenNumber } from "#src/planning/analysis/number-words.ts";
import type { BareValue, Said } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";

// Numbers, and what they count: money, percentages, durations, other units. A number is what stands alone as one; what is part of
// a word, a version or an address is left to those who know it.

const DIGITS = /[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?/g;
const SYMBOLS: Readonly<Record<string, string>> = {
  $: "USD",
  "€": "EUR",
  "£": "GBP",
  "¥": "JPY",
  "₹": "INR",
  "₩": "KRW",
};
const CURRENCIES: readonly (readonly [code: string, words: string])[] = [
  ["USD", "(?:us\\s)?dollars? usd bucks?"],
  ["EUR", "euros? eur"],
  ["GBP", "pounds? gbp"],
  ["CNY", "yuan rmb cny renminbi"],
  ["JPY", "yen jpy"],
  ["INR", "rupees? inr"],
  ["KRW", "won krw"],
  ["CHF", "francs? chf"],
];
/** Of ISO 8601: what stands before T, or behind it. */
const PERIODS: readonly (readonly [designator: string, words: string])[] = [
  ["T#S", "seconds? secs?"],
  ["T#M", "minutes? mins?"],
  ["T#H", "hours? hrs?"],
  ["#D", "days? nights?"],
  ["#W", "weeks?"],
  ["#M", "months?"],
  ["#Y", "years?"],
];
const UNITS =
  "km kilomet(?:er|re)s? miles? met(?:er|re)s? cm mm feet foot ft inch(?:es)? kg kilograms? grams? lbs? ounces? lit(?:er|re)s? ml gallons? " +
  "people persons? guests? adults? children tickets? copies pieces items? pages? rooms? seats? times degrees? celsius fahrenheit gb mb kb";

const behind = (words: string): RegExp =>
  new RegExp(`^[ -]?(?:${words.trim().split(/\s+/).join("|")})(?![\\p{L}\\p{N}])`, "iu");
const MONEY_BEHIND = CURRENCIES.map(([code, words]) => [code, behind(words)] as const);
const PERIOD_BEHIND = PERIODS.map(([designator, words]) => [designator, behind(words)] as const);
const PERCENT_BEHIND = /^ ?(?:%|percent(?![\p{L}\p{N}]))/iu;
const UNIT_BEHIND = behind(UNITS);
/** Longest of the words above, with what separates it. */
const BEHIND_CHARS = 16;

/** Numbers in digits and in words. One that cannot be a number without losing digits is an identifier. */
export function quantitiesIn(text: string): readonly BareValue[] {
  return [...inDigits(text), ...inWords(text)];
}

function* inDigits(text: string): Generator<BareValue> {
  for (const { 0: digits, index } of text.matchAll(DIGITS)) {
    const symbol = SYMBOLS[text[index - 1] ?? ""];
    const before = text[index - (symbol === undefined ? 1 : 2)] ?? " ";
    // Part of a word, a version or an address.
    if (/[\p{L}\p{N}_./:@-]/u.test(before)) continue;
    const said = { from: index, to: index + digits.length, words: digits };
    const plain = digits.replaceAll(",", "");
    const value = Number(plain);
    if (symbol !== undefined) yield { kind: "money", value, currency: symbol, ...widened(text, said, index - 1) };
    else if (isIdentifier(plain)) yield { kind: "identifier", value: plain, ...said };
    else {
      const counted = quantity(text, said, value);
      if (counted !== undefined) yield counted;
    }
  }
}

function* inWords(text: string): Generator<BareValue> {
  const words = wordsOf(text);
  for (let index = 0; index < words.length; index++) {
    const number = writtenNumber(words.slice(index, index + MAX_NUMBER_WORDS).map((word) => word.words));
    const [first, last] = [words[index], words[index + (number?.count ?? 0) - 1]];
    if (number === undefined || first === undefined || last === undefined) continue;
    const counted = quantity(
      text,
      { from: first.from, to: last.to, words: text.slice(first.from, last.to) },
      number.value,
    );
    if (counted !== undefined) yield counted;
    index += number.count - 1;
  }
}

const MAX_NUMBER_WORDS = 12;

/** Undefined where the number goes on as something else: `3rd`, `4x4`, `1.2.3`. */
function quantity(text: string, said: Said, value: number): BareValue | undefined {
  const rest = text.slice(said.to, said.to + BEHIND_CHARS);
  const over = (pattern: RegExp): Said | undefined => {
    const found = pattern.exec(rest)?.[0];
    return found === undefined ? undefined : { ...said, to: said.to + found.length, words: said.words + found };
  };
  const percent = over(PERCENT_BEHIND);
  if (percent !== undefined) return { kind: "percent", value, ...percent };
  for (const [currency, pattern] of MONEY_BEHIND) {
    const money = over(pattern);
    if (money !== undefined) return { kind: "money", value, currency, ...money };
  }
  for (const [designator, pattern] of PERIOD_BEHIND) {
    const period = over(pattern);
    if (period !== undefined)
      return { kind: "duration", value: `P${designator.replace("#", String(value))}`, ...period };
  }
  const unit = over(UNIT_BEHIND);
  if (unit !== undefined)
    return { kind: "number", value, unit: unit.words.slice(said.words.length).trim().toLowerCase(), ...unit };
  return /^(?:[\p{L}\p{N}_@/]|[.:-]\p{N})/u.test(rest) ? undefined : { kind: "number", value, ...said };
}

function widened(text: string, { to }: Said, from: number): Said {
  return { from, to, words: text.slice(from, to) };
}

const LEAST_IDENTIFIER_DIGITS = 10;

function isIdentifier(digits: string): boolean {
  return /^0\d/.test(digits) || (/^\d+$/.test(digits) && digits.length >= LEAST_IDENTIFIER_DIGITS);
}
