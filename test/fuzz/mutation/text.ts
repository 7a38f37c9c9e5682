import type { SeededRandom } from "#src/testing/seeded-random.ts";

// Changes a text where it stands: characters, pieces and lines lost, doubled, moved, or taken from `pieces`.

export function mutatedText(source: string, random: SeededRandom, pieces: readonly string[]): string {
  return random.pick(CHANGES)(source, { random, pieces });
}

interface Around {
  readonly random: SeededRandom;
  readonly pieces: readonly string[];
}

type Change = (text: string, around: Around) => string;

const CONTROL = ["\u0000", "\t", "\r", "\u000b", "\u001b", "\u0085", "\u2028", "\uFEFF", "\uD800", "\uFFFF"] as const;
const MAX_REPEATED = 3_000;

const CHANGES: readonly Change[] = [
  (text, { random }) => splice(text, random, () => ""),
  (text, { random, pieces }) => insert(text, random, random.pick(pieces)),
  (text, { random, pieces }) => insert(text, random, random.pick(pieces)),
  (text, { random, pieces }) => splice(text, random, () => random.pick(pieces)),
  (text, { random }) => insert(text, random, random.pick(CONTROL)),
  (text, { random }) => splice(text, random, (piece) => piece + piece),
  (text, { random }) => splice(text, random, (piece) => piece.slice(0, 40).repeat(random.int(2, MAX_REPEATED / 40))),
  (text, { random }) => text.slice(0, random.int(0, text.length)),
  (text, { random }) => lines(text, (all) => all.toSpliced(random.int(0, all.length), 0, random.pick(all))),
  (text, { random }) => lines(text, (all) => all.toSpliced(random.int(0, all.length - 1), 1)),
  (text, { random }) => lines(text, (all) => all.map((line) => (random.chance(0.1) ? ` ${line}` : line))),
  (text, { random }) => lines(text, (all) => all.map((line) => (random.chance(0.1) ? line.trimStart() : line))),
  (text) => text.replaceAll("\n", "\r\n"),
  (text) => `\uFEFF${text}`,
  (text, { random }) => splice(text, random, (piece) => Array.from(piece).reverse().join("")),
];

function insert(text: string, random: SeededRandom, piece: string): string {
  const at = random.int(0, text.length);
  return text.slice(0, at) + piece + text.slice(at);
}

const MAX_PIECE = 30;

function splice(text: string, random: SeededRandom, change: (piece: string) => string): string {
  const from = random.int(0, text.length);
  const to = Math.min(text.length, from + random.int(1, MAX_PIECE));
  return text.slice(0, from) + change(text.slice(from, to)) + text.slice(to);
}

function lines(text: string, change: (all: string[]) => string[]): string {
  return change(text.split("\n")).join("\n");
}
