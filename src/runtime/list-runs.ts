import type { Json } from "#events/json.ts";

/** So many entries of a list, as the JSON text of a list of their own. */
export interface ListRun {
  readonly text: string;
  readonly count: number;
}

/** Cuts a list into runs whose text has about so many characters; an entry that is longer is a run by itself. */
export function* runsOf(list: readonly Json[], maxChars: number): Generator<ListRun> {
  let texts: string[] = [];
  let chars = 0;
  for (const entry of list) {
    const text = JSON.stringify(entry);
    if (texts.length > 0 && chars + text.length > maxChars) {
      yield { text: `[${texts.join(",")}]`, count: texts.length };
      texts = [];
      chars = 0;
    }
    texts.push(text);
    chars += text.length + 1;
  }
  if (texts.length > 0) yield { text: `[${texts.join(",")}]`, count: texts.length };
}
