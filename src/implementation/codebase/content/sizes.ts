import type { CodeFile } from "../listing/entries.ts";
import { languageOf } from "./languages.ts";

// How much of what there is: files, bytes and lines by language.
// A file without a known language is counted in the totals alone.

export interface LanguageSize {
  readonly language: string;
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
}

export interface Totals {
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
  readonly links: number;
  /** Pipes, sockets, devices. */
  readonly others: number;
  /** With a NUL near the beginning: their bytes count, lines they have none. */
  readonly binary: number;
  /** Over the limit of reading: their bytes count, their lines are not known. */
  readonly large: number;
}

/** What reading a file showed; the lines of one that has none are null. */
export type Looked = { readonly lines: number } | "binary" | "large" | "unreadable";

export class Sizes {
  readonly #totals = { files: 0, bytes: 0, lines: 0, links: 0, others: 0, binary: 0, large: 0 };
  readonly #languages = new Map<string, { files: number; bytes: number; lines: number }>();

  addUnread(kind: "link" | "other"): void {
    if (kind === "link") this.#totals.links += 1;
    else this.#totals.others += 1;
  }

  add(file: CodeFile, looked: Looked): void {
    const lines = typeof looked === "object" ? looked.lines : 0;
    const totals = this.#totals;
    totals.files += 1;
    totals.bytes += file.bytes;
    totals.lines += lines;
    if (looked === "binary") totals.binary += 1;
    if (looked === "large") totals.large += 1;
    const language = looked === "binary" ? undefined : languageOf(file.path);
    if (language === undefined) return;
    const known = this.#languages.get(language) ?? { files: 0, bytes: 0, lines: 0 };
    this.#languages.set(language, known);
    known.files += 1;
    known.bytes += file.bytes;
    known.lines += lines;
  }

  totals(): Totals {
    return { ...this.#totals };
  }

  /** The one with the most bytes first. */
  languages(): readonly LanguageSize[] {
    return [...this.#languages]
      .map(([language, size]) => ({ language, ...size }))
      .sort((a, b) => b.bytes - a.bytes || (a.language < b.language ? -1 : 1));
  }
}
