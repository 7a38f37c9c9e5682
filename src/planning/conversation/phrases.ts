// How people say that they go on from what they said before. Every pattern is anchored and bounded, so that each takes linear time.
//
// P1. A phrase is all of the request or nothing: "cancel that" is one, "cancel that flight to Oslo" is a request of its own.

export type Phrase =
  | { readonly kind: "cancel" }
  /** "no, the second", "use the first one instead": index of the one; -1 is the last one. */
  | { readonly kind: "choice"; readonly index: number }
  /** The same once more, with what is said instead; `rest` may be empty. `from` is where it stands. */
  | { readonly kind: "again" | "correction"; readonly rest: string; readonly from: number };

const MAX_PHRASE_CHARS = 400;
const POLITE = "(?:(?:please|ok|okay|hey|now|then|well),? )?";
const OBJECT = "(?:that|it|this|everything|(?:the|my|that) (?:last|previous|latest)? ?(?:one|request|plan|thing))";

const CANCEL = new RegExp(
  `^${POLITE}(?:(?:cancel|stop|abort|forget|drop|undo)(?: ${OBJECT})?|never ?mind)(?: (?:please|then|now))?$`,
  "iu",
);
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const CHOICE = new RegExp(
  `^${POLITE}(?:no,? )?(?:i (?:want|mean|meant|prefer) |(?:use|take|choose|pick|make it) )?` +
    `(?:the (?<ordinal>${ORDINALS.join("|")}|last)(?: (?:one|option|choice|result))?|(?:number|option|choice) (?<number>\\d{1,2}))(?: (?:instead|please))*$`,
  "iu",
);
const AGAIN = new RegExp(
  `^${POLITE}(?:and )?(?:` +
    `(?:(?:do|run|try|repeat|give me|show me|make|get) )?(?:the |exactly the )?same(?: thing| one| again)?(?= |$)|` +
    `(?:do|run|try|repeat) (?:it|that|this)(?: again| once more)?(?= |$)|(?:once more|again)(?= |$)|repeat(?: it| that)?(?= |$)|` +
    `(?:and|what about|how about|and what about|and how about)(?= ))`,
  "iu",
);
const CORRECTION =
  /^(?:(?:no|sorry|oops|wait|actually|rather)[,.]? ){0,3}(?:i (?:meant|mean|wanted|said)|(?:make|let) (?:it|that)(?: be)?|it (?:should be|is)|that should be)(?= )/iu;
const CORRECTION_BARE = /^(?:no|sorry|oops|actually|rather)[,.]? (?=.)/iu;
const INSTEAD = /[,]? (?:instead|please|too|as well)$/iu;

/** Undefined where the request stands alone, as far as its form tells. */
export function phraseOf(request: string): Phrase | undefined {
  const lead = request.length - request.trimStart().length;
  const text = request.trim().replace(/[.!?…]{1,5}$/u, "");
  if (text.length > MAX_PHRASE_CHARS || text.includes("\n")) return undefined;
  if (CANCEL.test(text)) return { kind: "cancel" };
  return choiceIn(text) ?? continuation(text, lead);
}

function choiceIn(text: string): Phrase | undefined {
  const { ordinal, number } = CHOICE.exec(text)?.groups ?? {};
  if (number !== undefined) return Number(number) > 0 ? { kind: "choice", index: Number(number) - 1 } : undefined;
  if (ordinal === undefined) return undefined;
  return { kind: "choice", index: ORDINALS.indexOf(ordinal.toLowerCase()) };
}

function continuation(text: string, lead: number): Phrase | undefined {
  const isInstead = / instead$/iu.test(text);
  const correction = CORRECTION.exec(text) ?? CORRECTION_BARE.exec(text);
  const again = correction === null ? AGAIN.exec(text) : null;
  const found = correction ?? again;
  if (found === null && !isInstead) return undefined;
  const start = found?.[0].length ?? 0;
  const rest = text.slice(start).replace(INSTEAD, "").replace(INSTEAD, "");
  const trimmed = rest.trimStart();
  const from = lead + start + rest.length - trimmed.length;
  return { kind: again === null ? "correction" : "again", rest: trimmed.trimEnd(), from };
}
