import type { FoundValue, Said } from "#src/planning/analysis/value.ts";

// What bounds the work itself, and is no argument of it: until when it has to be done, what it may cost, what must not be used.
//
// C1. "Find flights before Friday" bounds the flights. A deadline or budget is said of the asker's wish: "I need this by Friday", "spend at
//     most $5 on this".
// C2. A prohibition is kept in its own words: which tools it means is found out in the catalog.

export type Constraint = Said &
  (
    | { readonly kind: "deadline"; readonly value: FoundValue }
    | { readonly kind: "budget"; readonly value: FoundValue }
    /** `what` is what must not be done or used, without the word that forbids it. */
    | { readonly kind: "forbidden"; readonly what: string }
  );

const DEADLINE =
  /(?:\b(?:need|want)s? (?:it|this|that|them|everything|the (?:answer|result|report)s?)|\b(?:done|finished|ready|completed?|deadline(?: is)?|answer(?: me)?|due))(?: (?:by|before|until|within|in|at|on|no later than|at the latest))*[ :]*$/iu;
const BUDGET =
  /(?:\bbudget(?: for (?:it|this|that))?(?: is| of)?|\b(?:spend|cost|pay)(?:ing|s)?(?: (?:me|more|it))*)(?: (?:at most|up to|less than|no more than|not more than|under|below|more than|a maximum of))*[ :]*$/iu;
const FORBIDDEN =
  /(?<!\bto )\b(?:without(?: using| calling)?|do not|don['’]t|must not|never|avoid(?: using)?)(?: (?:use|call|run|touch))? ([^.,;!?\n]{2,120})/giu;
/** How far a word that makes a value a bound stands before it. */
const REACH_CHARS = 60;

export function constraintsIn(text: string, values: readonly FoundValue[]): readonly Constraint[] {
  const bounds = values.flatMap((value) => boundOf(text, value) ?? []);
  const forbidden = Array.from(text.matchAll(FORBIDDEN), ({ 0: words, 1: what = "", index }): Constraint => {
    const [first = ""] = what.split(/ (?:and then|and|but|then) /u);
    const cut = words.slice(0, words.length - what.length) + first;
    return { kind: "forbidden", what: first.trim(), from: index, to: index + cut.length, words: cut };
  });
  return [...bounds, ...forbidden.filter(({ from }) => !isQuoted(from, values))].sort((a, b) => a.from - b.from);
}

/** What is quoted is somebody's text, and forbids nothing. */
function isQuoted(at: number, values: readonly FoundValue[]): boolean {
  return values.some(({ kind, from, to }) => kind === "quoted" && from <= at && at < to);
}

const TIMES: ReadonlySet<string> = new Set(["date", "time", "date-time", "duration"]);

function boundOf(text: string, value: FoundValue): Constraint | undefined {
  const before = text.slice(Math.max(0, value.from - REACH_CHARS), value.from);
  const kind = TIMES.has(value.kind) ? "deadline" : value.kind === "money" ? "budget" : undefined;
  const found = kind && (kind === "deadline" ? DEADLINE : BUDGET).exec(before);
  if (kind === undefined || found === null || found === undefined) return undefined;
  const from = value.from - found[0].length;
  return { kind, value, from, to: value.to, words: text.slice(from, value.to) };
}
