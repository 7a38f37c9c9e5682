import { analysed, type Analysis } from "#src/planning/analysis/analyse.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import { sentencesOf, wordsOf } from "#src/planning/analysis/words.ts";

// Several requests in one text, where they have nothing to do with each other: then each is planned, run and answered by itself.
//
// I1. What takes something from before ("then", "it", the same name or number) stays with it: a sequence is one request.
// I2. A sentence that asks for nothing belongs to the request before it; before the first one, and where it bounds the work, to all of them.
//     So a prohibition or deadline is never lost by cutting.
// I3. At most MAX_REQUESTS; the last one has the rest. In doubt it is one request.

export interface PartRequest extends Said {
  /** With what holds for all of them. */
  readonly text: string;
}

export const MAX_REQUESTS = 10;

interface Part extends Said {
  readonly asks: boolean;
  readonly bounds: boolean;
  readonly goesOn: boolean;
  /** It says itself that it is another one: an item of a list, "also". */
  readonly isMarked: boolean;
  /** It names nothing: what it is about may be what was named before. */
  readonly isBare: boolean;
  /** It speaks of nothing as known. */
  readonly isFresh: boolean;
  /** Values and topics, in lower case; of an item of a list, values alone: ten searches are ten requests. */
  readonly about: ReadonlySet<string>;
}

export function requestsIn(request: string): readonly PartRequest[] {
  const result = analysed(request, { now: 0 });
  const whole = { from: 0, to: request.length, words: request, text: request };
  if (result.kind === "unreadable") return [whole];
  const { analysis } = result;
  const parts = partsOf(analysis);
  const groups = groupsOf(parts);
  const first = parts.findIndex(({ asks }) => asks);
  const common = parts.filter((part, at) => at < first || (part.bounds && !part.asks));
  if (groups.length < 2) return [{ ...whole, text: analysis.text, words: analysis.text, to: analysis.text.length }];
  return groups.map((group) => {
    const from = group[0]?.from ?? 0;
    const to = group.at(-1)?.to ?? from;
    const others = common.filter((part) => !group.includes(part));
    const words = analysis.text.slice(from, to);
    const text = [words, ...others.map((part) => part.words)].map(asSentence).join(" ");
    return { from, to, words, text };
  });
}

function asSentence(text: string): string {
  return /[.!?…:]$/u.test(text) ? text : `${text}.`;
}

const ITEM = /^(?:\(?\d{1,2}[.)]|[-*•])[ \t]+/u;
const ALSO = /[,;]? (?:and also|and additionally|and separately|and besides)[,]? |; /giu;
const GOES_ON =
  /^(?:then|after|afterwards|finally|next|once|when|if|so|therefore|based|before|using|with (?:that|it|this)|in case|otherwise|lastly)\b/iu;
const BACK: ReadonlySet<string> = new Set(
  "it its them they their that this those these then there he his him she her result results same above previous former latter both each".split(
    " ",
  ),
);

function partsOf(analysis: Analysis): readonly Part[] {
  const { text, values } = analysis;
  const sentences = sentencesOf(text, [...values, ...numbersOf(text)]);
  return sentences.flatMap((sentence) => piecesOf(text, sentence, values)).map((said) => partOf(text, said));
}

/** "1. " begins an item: its stop ends no sentence. */
function numbersOf(text: string): readonly { readonly from: number; readonly to: number }[] {
  return Array.from(text.matchAll(/(?<=^|\n)[ \t]{0,8}\(?\d{1,2}[.)](?= )/gu), ({ 0: mark, index }) => ({
    from: index,
    to: index + mark.length + 1,
  }));
}

function piecesOf(text: string, sentence: Said, values: readonly Said[]): readonly Said[] {
  const pieces: Said[] = [];
  let from = sentence.from;
  const add = (to: number): void => {
    const words = text.slice(from, to);
    if (words.trim() !== "") pieces.push({ from, to, words });
  };
  for (const { 0: cut, index } of sentence.words.matchAll(ALSO)) {
    const at = sentence.from + index;
    if (values.some((value) => value.from < at + cut.length && at < value.to)) continue;
    add(at);
    from = at + cut.length;
  }
  add(sentence.to);
  return pieces;
}

/** Read by itself: behind the mark of an item a verb is the first word again. */
function partOf(text: string, said: Said): Part {
  const mark = ITEM.exec(said.words)?.[0] ?? "";
  const from = said.from + mark.length;
  const own = text.slice(from, said.to).replace(END, "");
  const to =
    from + own.length + (END_NEXT.exec(text.slice(from + own.length, from + own.length + MARK_CHARS))?.[0].length ?? 0);
  const result = analysed(own, { now: 0 });
  const { intents, values, constraints } =
    result.kind === "analysed" ? result.analysis : { intents: [], values: [], constraints: [] };
  const isBound = (one: Said): boolean =>
    constraints.some(({ from: start, to: end }) => start <= one.from && one.to <= end);
  const asked = intents.filter((intent) => !isBound(intent));
  const topics = mark === "" ? asked.flatMap((intent) => intent.topics) : [];
  const about = [...topics, ...values.map(({ words }) => words.toLowerCase())];
  const words = wordsOf(own).map((word) => word.words.toLowerCase());
  return {
    ...{ from, to, words: text.slice(from, to) },
    asks: asked.length > 0,
    bounds: constraints.length > 0,
    goesOn: GOES_ON.test(own) || words.some((word) => BACK.has(word)),
    isMarked:
      mark !== "" ||
      ALSO_FIRST.test(own) ||
      /(?:also|additionally|separately|besides|;)[,]? $/iu.test(text.slice(Math.max(0, from - MARK_CHARS), from)),
    isBare: values.length === 0,
    isFresh: !words.includes("the"),
    about: new Set(about.map((word) => word.replace(/(?<=..[^s])s$/u, ""))),
  };
}

const MARK_CHARS = 20;
const END = /[.!?…]{1,5}$/u;
const END_NEXT = /^[.!?…]{1,5}/u;
const ALSO_FIRST = /^(?:also|additionally|separately|besides|furthermore|moreover)\b/iu;

function groupsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last === undefined) {
      if (part.asks) groups.push([part]);
      continue;
    }
    if (groups.length < MAX_REQUESTS && standsAlone(part, groups)) groups.push([part]);
    else last.push(part);
  }
  return groups;
}

/** I1. */
function standsAlone(part: Part, groups: readonly (readonly Part[])[]): boolean {
  if (!part.asks || part.goesOn || !(part.isMarked || part.isFresh)) return false;
  const isElliptic = part.isBare && groups.some((group) => group.some(({ isBare }) => !isBare));
  return !isElliptic && !groups.some((group) => sharesData(group, part));
}

function sharesData(group: readonly Part[], { about }: Part): boolean {
  return group.some((one) => [...one.about].some((word) => about.has(word)));
}
