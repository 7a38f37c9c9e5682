// Texts from outside that people read: a description of a tool, a message.

const MAX_TEXT_CHARS = 4_000;

/** Control characters, marks that turn the direction of writing, and letters that nobody sees. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** Its beginning, without what steers terminals or hides from readers. */
export function plainText(text: string): string {
  const cut = text.slice(0, MAX_TEXT_CHARS);
  return cut.replaceAll(HIDDEN, (character) => (character === "\n" || character === "\t" ? character : "")).trim();
}
