// Numbers that are written out: "twenty-five", "two hundred and fifty", "a dozen". A word is added as long as it can go on with the
// number so far, as in reading aloud.

const SMALL: ReadonlyMap<string, number> = new Map(
  [
    ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    ...["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
  ].map((word, value) => [word, value]),
);
const TENS: ReadonlyMap<string, number> = new Map(
  ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"].map((word, index) => [
    word,
    20 + index * 10,
  ]),
);
const SCALES: ReadonlyMap<string, number> = new Map([
  ["hundred", 100],
  ["thousand", 1_000],
  ["million", 1_000_000],
  ["billion", 1_000_000_000],
]);
const DOZEN = 12;
const THOUSAND = 1_000;

/** A number that may go on: what stands before its last "thousand" or "million", and what came since. */
interface Growing {
  readonly total: number;
  readonly group: number;
}

const NOTHING: Growing = { total: 0, group: 0 };

/** Of how many words at the beginning a number is made, and which; undefined where there is none. "one" alone is no number. */
export function writtenNumber(
  words: readonly string[],
): { readonly value: number; readonly count: number } | undefined {
  const lower = words.map((word) => word.toLowerCase());
  if (lower.slice(0, 2).join(" ") === "a dozen") return { value: DOZEN, count: 2 };
  let [number, count] = [NOTHING, 0];
  for (let index = 0; index < lower.length; index++) {
    // "and" belongs to it only between two parts: "two hundred and fifty".
    const at = lower[index] === "and" && number.group >= 100 ? index + 1 : index;
    const next = grown(number, lower[at] ?? "");
    if (next === undefined) break;
    [number, index, count] = [next, at, at + 1];
  }
  const isNone = count === 0 || lower.slice(0, count).join(" ") === "one";
  return isNone ? undefined : { value: number.total + number.group, count };
}

/** With one more word; undefined where the word does not go on with it. */
function grown({ total, group }: Growing, word: string): Growing | undefined {
  const scale = SCALES.get(word);
  if (scale === undefined) {
    const below = belowHundred(word);
    return below !== undefined && fits(group, below) ? { total, group: group + below } : undefined;
  }
  if (group === 0) return undefined;
  return scale >= THOUSAND ? { total: total + group * scale, group: 0 } : { total, group: group * scale };
}

function belowHundred(word: string): number | undefined {
  const [tens = "", ones] = word.split("-");
  return ones === undefined ? (TENS.get(word) ?? SMALL.get(word)) : sumOf(TENS.get(tens), SMALL.get(ones));
}

function sumOf(ten: number | undefined, one: number | undefined): number | undefined {
  return ten === undefined || one === undefined || one >= 10 ? undefined : ten + one;
}

/** "two hundred" takes anything below a hundred, "twenty" a digit, and "three" nothing. */
function fits(group: number, below: number): boolean {
  return group % 100 === 0 || (group % 10 === 0 && group % 100 >= 20 && below > 0 && below < 10);
}
