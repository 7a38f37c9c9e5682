// A request as the stems of its words, so that "booked", "booking" and "books" are one. A light suffix stripper for English after
// Harman, "How effective is suffixing?" (1991): no dictionary; a wrong stem costs nothing as long as it is the same everywhere.
// Numbers say how long they are and not what they are: an id is one whatever its digits.

/** Stands where a clause may end. */
export const PAUSE = "|";

const TOKEN = /\p{L}+|\p{N}[\p{N}.:,-]*|[,.;?!]/gu;
const MAX_DIGITS_TOLD = 9;

/** The stems of a text in their order, with a {@link PAUSE} for each mark between clauses. */
export function stemsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(TOKEN) ?? []).map((token) => {
    if (/^\p{N}/u.test(token)) return `#${Math.min(token.length, MAX_DIGITS_TOLD)}`;
    return /^\p{L}/u.test(token) ? stemOf(token) : PAUSE;
  });
}

const SUFFIXES: readonly { readonly suffix: string; readonly longerThan: number; readonly becomes: string }[] = [
  { suffix: "ing", longerThan: 5, becomes: "" },
  { suffix: "ied", longerThan: 4, becomes: "y" },
  { suffix: "ed", longerThan: 4, becomes: "" },
  { suffix: "ies", longerThan: 4, becomes: "y" },
  { suffix: "s", longerThan: 3, becomes: "" },
];
const SHORTEST_CUT = 4;

function stemOf(word: string): string {
  const found = SUFFIXES.find(({ suffix, longerThan }) => word.length > longerThan && word.endsWith(suffix));
  const isPlural = found?.suffix !== "s" || !word.endsWith("ss");
  const cut = found && isPlural ? word.slice(0, -found.suffix.length) + found.becomes : word;
  const bare = cut.length > SHORTEST_CUT && cut.endsWith("e") ? cut.slice(0, -1) : cut;
  return bare.length > SHORTEST_CUT && /([^ls])\1$/.test(bare) ? bare.slice(0, -1) : bare;
}
