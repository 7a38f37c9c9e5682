import { sha256Hex } from "#events/sha256.ts";
import { isToolName } from "#src/tools/define.ts";

// The names of a source's tools as plans write them. A source names its tools as it likes; a tool's name here is lower-case words
// joined by dots.
//
// N1. A name that fits is kept. Of two tools that would have one name, the one whose name fits keeps it; the others get a mark
//     made from their own name, whatever their order.
// N2. The same names give the same names, in every process.

const MARK_DIGITS = 8;
const MAX_NAME_CHARS = 100;

/** Names here by names there. A name that is there twice is there once. */
export function toolNames(prefix: string, theirs: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(theirs)];
  const fitting = new Set(distinct.filter((name) => isToolName(`${prefix}.${name}`)));
  const wanted = Map.groupBy(
    distinct.filter((name) => !fitting.has(name)),
    (name) => `${prefix}.${adapted(name)}`,
  );
  const named = new Map([...fitting].map((name) => [name, `${prefix}.${name}`]));
  for (const [name, ones] of wanted) {
    const isFree = ones.length === 1 && name.length <= MAX_NAME_CHARS && !named.has(name.slice(prefix.length + 1));
    for (const one of ones) named.set(one, isFree ? name : marked(name, one));
  }
  return named;
}

/** `getWeather` is `get_weather`, `Files/Read all` is `files_read_all`. */
function adapted(name: string): string {
  const words = name
    .normalize("NFKD")
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, "_")
    .split(".")
    .map((word) => word.replace(/^_+(?=.)/, "").replace(/(?<=.)_+$/, ""))
    .filter((word) => word !== "");
  const proper = words.map((word) => (/^[a-z]/.test(word) ? word : `t${word.startsWith("_") ? "" : "_"}${word}`));
  return proper.length === 0 ? "t" : proper.join(".");
}

function marked(name: string, theirs: string): string {
  const mark = sha256Hex(theirs).slice(0, MARK_DIGITS);
  return `${name.slice(0, MAX_NAME_CHARS - MARK_DIGITS - 1).replace(/[._-]+$/, "")}_${mark}`;
}
