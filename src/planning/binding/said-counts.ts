import { asArgument } from "#src/planning/binding/as-argument.ts";
import { parameterWords, type SaidArgument, type Wanting } from "#src/planning/binding/clause-span.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// Numbers of a clause, by what they count: "the last 5 commits" limits how many, "at 10 characters" is what is measured in characters,
// "for 3 days" is the number of days.

const LIMITS: ReadonlySet<string> = new Set(
  "last first top latest newest oldest recent most best only next previous".split(" "),
);
const LIMITING: ReadonlySet<string> = new Set("limit top max maximum count size n num first last results".split(" "));
const EVIDENCE = {
  noun: 0.6,
  labelled: 0.6,
  limit: 0.6,
  counted: 0.4,
  required: 0.2,
};

export function saidCount({ parameter, spans }: Wanting): SaidArgument | undefined {
  if (parameter.type !== "integer" && parameter.type !== "number") return undefined;
  const found = spans.flatMap((span): readonly SaidArgument[] => {
    if (span.kind === "phrase" || span.kind === "quoted") return [];
    const value = asArgument(span, parameter) ?? hourAsNumber(span);
    const evidence = evidenceOf(span, parameter);
    const { from, to, words } = span;
    return value === undefined || evidence === 0 ? [] : [{ value, said: { from, to, words }, evidence }];
  });
  return found.sort((one, other) => other.evidence - one.evidence)[0];
}

function evidenceOf(span: Span, parameter: MeantField): number {
  const words = parameterWords(parameter);
  const noun = nounOf(span);
  if (noun !== undefined && (words.map(bareWord).includes(noun) || parameter.meaning.words.has(noun)))
    return EVIDENCE.noun;
  if (words.includes(span.left)) return EVIDENCE.labelled;
  const asLimit = isLimit(parameter, words) ? limitEvidence(span, noun) : 0;
  return Math.max(asLimit, parameter.isRequired ? EVIDENCE.required : 0);
}

function isLimit({ meaning }: MeantField, words: readonly string[]): boolean {
  return LIMITING.has(words.at(-1) ?? "") || meaning.kinds.includes("count");
}

function limitEvidence({ kind, left, found }: Span, noun: string | undefined): number {
  if (LIMITS.has(left) || /\b(?:at most|up to|no more than)$/.test(found?.label ?? "")) return EVIDENCE.limit;
  return kind === "number" && noun !== undefined ? EVIDENCE.counted : 0;
}

/** What is counted; a unit stands in the value itself. */
function nounOf({ words, right }: Span): string | undefined {
  const own = /\p{L}+$/u.exec(words)?.[0];
  const noun = own ?? (/^\p{L}+$/u.test(right) ? right : undefined);
  return noun === undefined ? undefined : bareWord(noun.toLowerCase());
}

/** "At 10" is a time, unless what is counted stands behind it. */
function hourAsNumber({ kind, words, right }: Span): number | undefined {
  const digits = kind === "time" && /^\p{L}/u.test(right) ? /^(?:at )?(\d{1,2})$/i.exec(words)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

function bareWord(word: string): string {
  return word.replace(/(?<=..[^s])s$/, "");
}
