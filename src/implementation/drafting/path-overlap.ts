import { expandAll } from "#src/tools/builtin/glob-pattern.ts";

// Whether two patterns of files may name the same file. Who asks wants to run two changes at once, so that only a sure no is a no.
//
// O1. Sound: where one path fits both patterns, and where a path that fits one lies below the path that the other one is, the answer is yes.
//     What leaves out (`!`), sets of characters and names that differ only in case or in Unicode's form count as the same.
// O2. Linear in the patterns' sizes multiplied; what cannot be read as a pattern names everything.

const ANY = "**";
/** Of two names one of which is longer the rest is not looked at: they may overlap. */
const MAX_NAME_CHARS = 400;

const STAR = Symbol("any text");
/** A character, or any text. */
type Token = string | typeof STAR;
/** A name without wildcards is a text. */
type Part = string | readonly Token[];

/** The alternatives of a pattern, each as its parts. */
export type PathShape = readonly (readonly Part[])[];

export const EVERYTHING: PathShape = [[ANY]];

/** Of a pattern as `fs.glob` has them. */
export function shapeOf(pattern: string): PathShape {
  const expanded = alternativesOf(pattern);
  if (expanded === undefined) return EVERYTHING;
  const shapes = expanded.map((one) => one.split("/").filter((part) => part !== "" && part !== "."));
  return shapes.some((parts) => parts.includes("..")) ? EVERYTHING : shapes.map((parts) => parts.map(partOf));
}

/** As one text where there is no wildcard in it: equal texts are one file. */
export function plainPath(shape: PathShape): string | undefined {
  const [only, ...others] = shape;
  if (only === undefined || others.length > 0) return undefined;
  return isPlain(only) ? only.join("/") : undefined;
}

/** O1. */
export function mayOverlap(one: PathShape, other: PathShape): boolean {
  return one.some((parts) => other.some((others) => partsOverlap(parts, others)));
}

function alternativesOf(pattern: string): readonly string[] | undefined {
  try {
    return pattern.startsWith("/") ? undefined : expandAll([pattern]);
  } catch {
    return undefined;
  }
}

/** Case and form are those of the file system, which is not known. */
function folded(text: string): string {
  return text.normalize("NFKD").toLowerCase().normalize("NFKD");
}

function partOf(text: string): Part {
  if (text === ANY) return ANY;
  if (!/[*?[\\]/.test(text)) return folded(text);
  const tokens: Token[] = [];
  const characters = Array.from(text);
  for (let at = 0; at < characters.length;) {
    const { token, next } = tokenAt(characters, at);
    // One character may be several when it is folded.
    if (token === STAR) tokens.push(STAR);
    else tokens.push(...Array.from(folded(token)));
    at = next;
  }
  return tokens;
}

function tokenAt(characters: readonly string[], at: number): { readonly token: Token; readonly next: number } {
  const character = characters[at] ?? "";
  if (character === "[") {
    const end = characters.indexOf("]", at + 2);
    return { token: STAR, next: end < 0 ? characters.length : end + 1 };
  }
  if (character === "*" || character === "?") return { token: STAR, next: at + 1 };
  if (character === "\\") return { token: characters[at + 1] ?? "\\", next: at + 2 };
  return { token: character, next: at + 1 };
}

function partsOverlap(left: readonly Part[], right: readonly Part[]): boolean {
  const width = right.length + 1;
  const [isLeftPlain, isRightPlain] = [isPlain(left), isPlain(right)];
  const open: (readonly [number, number])[] = [[0, 0]];
  const seen = new Set<number>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [at, to] = place;
    const [part, other] = [left[at], right[to]];
    if (part === undefined && (other === undefined || isLeftPlain)) return true;
    if (other === undefined && isRightPlain) return true;
    if (seen.has(at * width + to)) continue;
    seen.add(at * width + to);
    open.push(...placesAfter(part, other).map(([on, further]) => [at + on, to + further] as const));
  }
  return false;
}

type Steps = readonly (readonly [number, number])[];

/** How far either side goes on; `**` is nothing, or takes what the other side has there. */
function placesAfter(part: Part | undefined, other: Part | undefined): Steps {
  if (part === ANY || other === ANY) {
    return [...(part === undefined ? [] : [LEFT]), ...(other === undefined ? [] : [RIGHT])];
  }
  if (part === undefined || other === undefined) return [];
  return nameMayBe(part, other) ? [BOTH] : [];
}

const LEFT = [1, 0] as const;
const RIGHT = [0, 1] as const;
const BOTH = [1, 1] as const;

/** A path: what is called so may be a folder, and then all in it is meant. */
function isPlain(parts: readonly Part[]): boolean {
  return parts.every((part) => typeof part === "string" && part !== ANY);
}

function nameMayBe(one: Part, other: Part): boolean {
  if (typeof one === "string" && typeof other === "string") return one === other;
  const [left, right] = [tokensOf(one), tokensOf(other)];
  if (left.length > MAX_NAME_CHARS || right.length > MAX_NAME_CHARS) return true;
  return tokensOverlap(left, right);
}

function tokensOf(part: Part): readonly Token[] {
  return typeof part === "string" ? Array.from(part) : part;
}

/** Row by row: which prefixes of `right` can be the same text as the prefix of `left`. */
function tokensOverlap(left: readonly Token[], right: readonly Token[]): boolean {
  let row = nextRow(undefined, undefined, right);
  for (const token of left) row = nextRow(row, token, right);
  return row[right.length] === 1;
}

function nextRow(before: Uint8Array | undefined, token: Token | undefined, right: readonly Token[]): Uint8Array {
  const row = new Uint8Array(right.length + 1);
  row[0] = token === undefined || (token === STAR && before?.[0] === 1) ? 1 : 0;
  right.forEach((other, index) => {
    const isStar = token === STAR || other === STAR;
    // A star is nothing, or takes what the other side has there.
    const goesOn = isStar && (row[index] === 1 || before?.[index + 1] === 1);
    row[index + 1] = goesOn || (token === other && before?.[index] === 1) ? 1 : 0;
  });
  return row;
}
