// Where a text has another one, in linear time: an engine's own search may compare a long part at every place, which takes
// seconds over texts that an expression may hold. Knuth, Morris, Pratt, "Fast pattern matching in strings", 1977.

/** Up to here the engine's own search is as good. */
const SHORT_PART_CHARS = 16;

/** By code units; -1 for nowhere. O(text + part). */
export function indexOfPart(text: string, part: string): number {
  return part.length <= SHORT_PART_CHARS ? text.indexOf(part) : search(text, part);
}

/** The last place; by code units; -1 for nowhere. O(text + part). */
export function lastIndexOfPart(text: string, part: string): number {
  if (part.length <= SHORT_PART_CHARS) return text.lastIndexOf(part);
  const index = search(reversed(text), reversed(part));
  return index < 0 ? index : text.length - part.length - index;
}

/** What is between the places of a part that is not empty, at most so many texts. O(text + part). */
export function splitAtPart(text: string, part: string, most: number): string[] {
  if (part.length <= SHORT_PART_CHARS) return text.split(part, most);
  const texts: string[] = [];
  const borders = bordersOf(part);
  let from = 0;
  while (texts.length < most) {
    const index = search(text, part, { borders, from });
    texts.push(text.slice(from, index < 0 ? undefined : index));
    if (index < 0) break;
    from = index + part.length;
  }
  return texts;
}

function search(text: string, part: string, { borders = bordersOf(part), from = 0 } = {}): number {
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === unit) matched++;
    if (matched === part.length) return at + 1 - matched;
  }
  return -1;
}

/** For each beginning of the part, how long its longest end is that is a beginning too. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  for (let at = 1, matched = 0; at < part.length; at++) {
    const unit = part.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === unit) matched++;
    borders[at] = matched;
  }
  return borders;
}

function reversed(text: string): string {
  return text.split("").reverse().join("");
}
