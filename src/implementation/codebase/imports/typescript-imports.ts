// What a module of TypeScript or JavaScript imports, by TypeScript's own scanner (`ts.preProcessFile`): imports and exports from, import
// types, dynamic imports and `require` of a text; nothing in comments, strings and templates. It is no parser: a method that is called
// `require` and a regular expression that looks like an import count as one.
//
// T1. TypeScript is loaded when the first module is read; without it imports are not known, and that is said.
// T2. The scanner reads token by token, so what lies behind the last place where an import may be is not given to it: most modules
//     import at their beginning. Modules of AMD (`define`) are not looked for.

import { createRequire } from "node:module";
import type typescript from "typescript";

type Scanner = Pick<typeof typescript, "parseConfigFileTextToJson" | "preProcessFile">;

/** Between the word and the end of its specifier; a comment of this length in between hides an import. */
const BEHIND_BYTES = 4_096;

/** An import ends with one of these words and its specifier. What may follow: space, a comment, a quote, or a bracket. */
const WORDS = [
  { word: "from", before: "\"'`/" },
  { word: "import", before: "\"'`/(" },
  { word: "require", before: "/(" },
];
const REFERENCE = "<reference";

export type ImportsIn = (bytes: Buffer) => readonly string[];

/** Undefined where it is not installed. */
export function typescriptScanner(): Scanner | undefined {
  try {
    return createRequire(import.meta.url)("typescript") as Scanner;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

export function importsByTypescript(ts: Scanner): ImportsIn {
  return (bytes) => {
    const last = lastPlaceIn(bytes);
    if (last < 0) return [];
    const text = bytes.toString("utf8", 0, last + BEHIND_BYTES);
    const { importedFiles, referencedFiles } = ts.preProcessFile(text, true, true);
    const found = [...importedFiles, ...referencedFiles.map(asRelative)];
    return [...new Set(found.map(({ fileName }) => fileName))].filter((name) => name !== "");
  };
}

/** Each word is looked for behind the place of the one before alone; references stand at the beginning. */
function lastPlaceIn(bytes: Buffer): number {
  let last = lastPlaceOf(bytes.subarray(0, BEHIND_BYTES), REFERENCE, "pltn");
  for (const { word, before } of WORDS) {
    const from = Math.max(0, last);
    const found = lastPlaceOf(bytes.subarray(from), word, before);
    if (found >= 0) last = from + found;
  }
  return last;
}

function lastPlaceOf(bytes: Buffer, word: string, before: string): number {
  let at = bytes.lastIndexOf(word, undefined, "latin1");
  while (at >= 0) {
    let next = at + word.length;
    while (isSpace(bytes[next])) next += 1;
    if (next < bytes.length && before.includes(String.fromCharCode(bytes[next] ?? 0))) return at;
    at = at === 0 ? -1 : bytes.lastIndexOf(word, at - 1, "latin1");
  }
  return -1;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

/** `/// <reference path="x" />` is relative without saying so. */
function asRelative({ fileName }: { readonly fileName: string }): { readonly fileName: string } {
  return { fileName: /^\.{0,2}\//u.test(fileName) ? fileName : `./${fileName}` };
}
