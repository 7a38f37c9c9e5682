// What nobody sees in a text, and what could make a text read otherwise than it is shown: control characters, marks of direction
// ("Trojan Source", Boucher & Anderson, 2021), joiners inside of Latin words. Left out before anything is read.

/** All but tabulator and line feed. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;
/** Arabic, Indic scripts and emoji need them. */
const JOINERS_IN_LATIN =
  /(?<=[\p{ASCII}\p{Script=Latin}])[\u200C\u200D]+|[\u200C\u200D]+(?=[\p{ASCII}\p{Script=Latin}])/gu;

/** Of a text without any of these it is the text itself. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(INVISIBLE, "")
    .replaceAll(JOINERS_IN_LATIN, "")
    .replaceAll(CONTROLS, " ");
}
