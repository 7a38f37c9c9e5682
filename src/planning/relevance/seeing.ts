import { wordsOf } from "#src/planning/analysis/words.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { actionNamed } from "#src/planning/prediction/terms.ts";

// Requests that say nothing but where something is: "show me notes.txt", "what is in notes.txt?", "copy a.txt to b.txt". No word of theirs is
// a word of a tool, and what they want are the tools that read what is at such an address, or put something there.

const SAID_OF_SEEING: ReadonlySet<string> = new Set(
  (
    "show tell give open print display view see get read fetch look let dump output cat me us please can could would you i we want like to the a " +
    "what whats which is are does do say says stands stand written there inside within in into of at from content contents text file page document " +
    "whole entire full and then now s"
  ).split(" "),
);

/** `words`: those of a request beside its addresses. */
export function isSeeing(words: string): boolean {
  return wordsOf(words).every((word) => SAID_OF_SEEING.has(word.words.toLowerCase()));
}

const SAID_OF_MOVING: ReadonlySet<string> = new Set(
  "copy save write store put keep download it as by under result new".split(" "),
);

/** The same of requests that put what they see somewhere else. */
export function isMoving(words: string): boolean {
  const isSaid = (word: string): boolean => SAID_OF_MOVING.has(word) || SAID_OF_SEEING.has(word);
  return wordsOf(words).every((word) => isSaid(word.words.toLowerCase()));
}

/** Whether it reads what is at an address of this kind. */
export function showsWhatIsAt(entry: CatalogEntry, kind: string): boolean {
  const isReading = entry.sideEffects === "read" && entry.nameWords.some((word) => actionNamed(word) === "read");
  return isReading && takesAddress(entry, kind);
}

/** Whether it cannot be called without an address of this kind. */
export function takesAddress({ parameters }: CatalogEntry, kind: string): boolean {
  return parameters.some(
    ({ isRequired, path, meaning }) => isRequired && path.length === 1 && meaning.kinds.some((one) => one === kind),
  );
}
