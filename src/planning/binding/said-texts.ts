import {
  isAddress,
  parameterWords,
  wantsContent,
  type SaidArgument,
  type Wanting,
} from "#src/planning/binding/clause-span.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// Texts of a clause: a quotation is what is worked on, or one of the two that "replace A by B" names. What a search is about stands
// behind "about", all of it: "elections in France".

const SOUGHT: ReadonlySet<string> = new Set("find search old needle what".split(" "));
const NEW: ReadonlySet<string> = new Set("replacement new with substitute".split(" "));
const BEFORE_SOUGHT: ReadonlySet<string> = new Set("every all each of word words occurrence occurrences".split(" "));
const BEFORE_NEW: ReadonlySet<string> = new Set(["by", "with"]);
const EVIDENCE = { quoted: 0.6, role: 0.6, object: 0.4 };

/** One of the two of a replacement. */
export function saidReplacement({ entry, parameter, spans, clause }: Wanting): SaidArgument | undefined {
  const isOne = (words: readonly string[], of: ReadonlySet<string>): boolean => words.some((word) => of.has(word));
  const own = parameterWords(parameter);
  const replaces = entry.parameters.some((other) => other.isRequired && isOne(parameterWords(other), NEW));
  if (!replaces || parameter.type !== "string") return undefined;
  const isNew = isOne(own, NEW);
  if (!isNew && !isOne(own, SOUGHT)) return undefined;
  return textOf(
    spans.filter(({ left }) => (isNew ? BEFORE_NEW.has(left) : left === clause.verb || BEFORE_SOUGHT.has(left))),
    EVIDENCE.role,
  );
}

/** What is quoted; where something is to be written, also what stands right behind the verb. */
export function saidContent({ entry, parameter, spans, clause }: Wanting): SaidArgument | undefined {
  if (!wantsContent(parameter)) return undefined;
  const quoted = textOf(
    spans.filter(({ kind }) => kind === "quoted"),
    EVIDENCE.quoted,
  );
  if (quoted !== undefined || entry.sideEffects === "read" || clause.refersBack) return quoted;
  const objects = spans.filter((span) => span.left === clause.verb && !isAddress(span) && !/^the\b/i.test(span.words));
  return textOf(objects, EVIDENCE.object);
}

const ABOUT: ReadonlySet<string> = new Set(["about", "regarding", "concerning"]);

/** What a search is about: all that stands behind the word. */
export function saidTopic({ parameter, spans }: Wanting): SaidArgument | undefined {
  const isTopic = parameter.meaning.kinds.some((kind) => kind === "query" || kind === "topic" || kind === "subject");
  if (!isTopic || parameter.type !== "string") return undefined;
  const about = spans.filter(
    ({ left, isWhole, kind, cuts }) => ABOUT.has(left) && isWhole && !cuts && !QUANTITY.has(kind),
  );
  const longest = about.sort((one, other) => other.to - other.from - (one.to - one.from))[0];
  if (longest === undefined) return undefined;
  const { from, to, words, found } = longest;
  const value = typeof found?.value === "string" ? found.value : words;
  return { value, said: { from, to, words }, evidence: EVIDENCE.role };
}

const QUANTITY: ReadonlySet<Span["kind"]> = new Set<Span["kind"]>([
  "number",
  "date",
  "date-time",
  "time",
  "path",
  "url",
]);

/** The quoted before the longest that ends where its words end. */
function textOf(spans: readonly Span[], evidence: number): SaidArgument | undefined {
  const whole = spans
    .filter(({ kind, isWhole, isJoined }) => kind === "quoted" || (isWhole && !isJoined))
    .sort(
      (one, other) =>
        Number(other.kind === "quoted") - Number(one.kind === "quoted") || one.from - other.from || other.to - one.to,
    );
  const [span] = whole;
  if (span === undefined) return undefined;
  const { from, to, words, found } = span;
  const value = typeof found?.value === "string" ? found.value : words;
  return { value, said: { from, to, words }, evidence };
}
