// A question about the text of each of many files, and what the files say together: somewhere, everywhere, nowhere.
//
// A1. A file is asked once for a content, whatever its name: what was found is kept by question and content.
// A2. What cannot be looked into (too large, closed to us) is no answer, as "nowhere" would be a guess. Binary files have no text: they
//     match nothing, and are not counted for "everywhere".

import { broken, met, unmet, type Evidence, type Found } from "./found.ts";
import type { Place } from "./place.ts";
import { utf8Text } from "./file-text.ts";

const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Git's own rule: a NUL among the first bytes. */
const BINARY_BYTES = 8_000;
const READERS = 8;

export interface AcrossFiles {
  readonly files: readonly string[];
  readonly found: "somewhere" | "everywhere" | "nowhere";
  /** What identifies the question, beside the content. */
  readonly question: unknown;
  /** Line of the first match, from 1; undefined for none. Throws what makes the question impossible to ask of this text. */
  readonly find: (text: string, name: string) => number | undefined;
}

const NONE = 0;
/** Kept like a line: no text to look into. */
const BINARY = Number.MAX_SAFE_INTEGER;

interface Looked {
  readonly name: string;
  readonly line: number;
}

export async function acrossFiles(asked: AcrossFiles, place: Place): Promise<Found> {
  const names = place.survey.select(asked.files);
  if (names.length === 0) {
    const nothing = { text: `no file is called ${asked.files.join(", ")}` };
    return asked.found === "nowhere" ? met(nothing) : unmet(nothing);
  }
  const looked = await lookedInto(names, asked, place);
  if ("verdict" in looked) return looked;
  return together(looked, asked.found);
}

async function lookedInto(
  names: readonly string[],
  { question, find }: AcrossFiles,
  { survey, kept, context }: Place,
): Promise<readonly Looked[] | Found> {
  const before = await kept.contents(question);
  const now = new Map<string, number>();
  const problems: { readonly code: string; readonly evidence: Evidence }[] = [];
  const lines = new Map<string, number>();
  const look = async (name: string): Promise<void> => {
    const hash = await survey.hash(name);
    if (hash === undefined) return;
    let line = before.get(hash) ?? now.get(hash);
    if (line === undefined) {
      const bytes = await survey.read(name, MAX_TEXT_BYTES);
      if (bytes === undefined) return;
      if (typeof bytes === "string") {
        problems.push({ code: bytes, evidence: { text: `${name} cannot be looked into: ${WHY[bytes]}`, path: name } });
        return;
      }
      line = isBinary(bytes) ? BINARY : (find(utf8Text(bytes), name) ?? NONE);
    }
    now.set(hash, line);
    lines.set(name, line);
  };
  for (let from = 0; from < names.length; from += READERS) {
    context.signal.throwIfAborted();
    await Promise.all(names.slice(from, from + READERS).map(look));
  }
  if (now.size !== before.size || [...now.keys()].some((hash) => !before.has(hash))) {
    await kept.keepContents(question, now);
  }
  const [first] = problems;
  if (first !== undefined) return broken(first.code, ...problems.map(({ evidence }) => evidence));
  return names.flatMap((name) => ({ name, line: lines.get(name) ?? BINARY }));
}

const WHY = {
  "file-too-large": `it has more than ${MAX_TEXT_BYTES} bytes; leave it out by a pattern with ! before it`,
  "file-unreadable": "it may not be read",
};

function together(looked: readonly Looked[], wanted: AcrossFiles["found"]): Found {
  const texts = looked.filter(({ line }) => line !== BINARY);
  const matching = texts.filter(({ line }) => line !== NONE);
  const at = ({ name, line }: Looked): Evidence => ({ text: "found here", path: name, line });
  if (wanted === "nowhere") {
    if (matching.length > 0) return unmet(...matching.map(at));
    return met({ text: `in none of ${texts.length} files` });
  }
  if (wanted === "everywhere") {
    const missing = texts.filter(({ line }) => line === NONE);
    if (missing.length > 0) return unmet(...missing.map(({ name }) => ({ text: "not found here", path: name })));
    return texts.length > 0
      ? met({ text: `in all of ${texts.length} files` })
      : unmet({ text: "there is no text in them" });
  }
  const [first] = matching;
  return first === undefined ? unmet({ text: `in none of ${texts.length} files` }) : met(at(first));
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, BINARY_BYTES).includes(0);
}
