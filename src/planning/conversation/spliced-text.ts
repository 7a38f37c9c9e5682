import type { Said } from "#src/planning/analysis/value.ts";

// A text with other words at some of its places, and where everything stands afterwards.
//
// S1. What was not replaced keeps its words: a place that was right before is right in the new text after `moved`.

export interface Splice {
  readonly words: string;
  /** What they take the place of; undefined puts them at the end. */
  readonly at?: Said;
  /** Stands before words at the end: "in ". */
  readonly lead: string;
}

export interface SplicedText {
  readonly text: string;
  /** Of the words of each splice, in their order. */
  readonly places: readonly Said[];
  /** Where that now is which stood there before and was not replaced. */
  moved(said: Said): Said;
}

const END = /[.!?…]{1,5}$/u;

/** Of splices at one place only the first is made; the others stand at the same place. */
export function splicedText(text: string, splices: readonly Splice[]): SplicedText {
  const whole = text.trimEnd();
  const end = END.exec(whole)?.index ?? whole.length;
  const inside = splices.flatMap(({ at }) => at ?? []).sort((one, other) => one.from - other.from);
  const cuts: { readonly from: number; readonly to: number; readonly by: number }[] = [];
  let result = "";
  let from = 0;
  for (const at of inside) {
    const words = splices.find((splice) => splice.at === at)?.words ?? "";
    if (at.from < from) continue;
    result += text.slice(from, at.from);
    cuts.push({ from: at.from, to: at.to, by: result.length - at.from });
    result += words;
    from = at.to;
  }
  const tail = result.length - from;
  result += text.slice(from, Math.max(from, end));
  const places = splices.map(({ at, words, lead }): Said => {
    const start = at === undefined ? result.length + 1 + lead.length : at.from + byAt(cuts, at.from, tail);
    if (at === undefined) result += ` ${lead}${words}`;
    return { from: start, to: start + words.length, words };
  });
  const moved = (said: Said): Said => {
    const by = byAt(cuts, said.from, tail);
    return { ...said, from: said.from + by, to: said.to + by };
  };
  return { text: result + whole.slice(Math.max(from, end)), places, moved };
}

/** How far what stands there has moved. */
function byAt(cuts: readonly { readonly from: number; readonly by: number }[], at: number, tail: number): number {
  return cuts.find(({ from }) => at <= from)?.by ?? tail;
}
