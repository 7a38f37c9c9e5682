// What stands where a listing says, looked at by the system.
//
// N1. Never behind a link on the way, and each folder is looked at once.

import { lstatSync, type Stats } from "node:fs";
import { reasonOf, type NoteBook } from "./notes.ts";

/** What is looked at of a file: if none of it is different, the file is the same. */
export interface FileStats {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;
}

export interface CodeFile {
  readonly path: string;
  readonly kind: "file" | "link" | "other";
  /** 0 for what is no file. */
  readonly bytes: number;
  readonly stats: FileStats;
}

export class Entries {
  readonly #root: string;
  readonly #notes: NoteBook | undefined;
  /** Whether a directory is reached without a link. */
  readonly #real = new Map<string, boolean>([["", true]]);

  /** What cannot be looked at is noted, where there is somebody who notes it. */
  constructor(root: string, notes?: NoteBook) {
    this.#root = root;
    this.#notes = notes;
  }

  /** Undefined for what is not there, is a directory, or lies behind a link. */
  fileAt(path: string): CodeFile | undefined {
    if (!this.#isReal(path.slice(0, Math.max(0, path.lastIndexOf("/"))))) return undefined;
    const found = this.#at(path);
    if (found === undefined || found.isDirectory()) return undefined;
    const { size, mtimeMs, ctimeMs, ino, mode } = found;
    return {
      path,
      kind: found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other",
      bytes: found.isFile() ? size : 0,
      stats: { size, mtimeMs, ctimeMs, ino, mode },
    };
  }

  #isReal(directory: string): boolean {
    const known = this.#real.get(directory);
    if (known !== undefined) return known;
    const above = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
    const isReal = this.#isReal(above) && this.#at(directory)?.isDirectory() === true;
    this.#real.set(directory, isReal);
    return isReal;
  }

  #at(path: string): Stats | undefined {
    try {
      return lstatSync(`${this.#root}/${path}`, { throwIfNoEntry: false });
    } catch (error) {
      this.#notes?.add("unreadable-entry", path, reasonOf(error));
      return undefined;
    }
  }
}
