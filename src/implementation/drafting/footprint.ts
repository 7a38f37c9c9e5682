import type { Action } from "#src/implementation/changes/action.ts";
import { patchedFiles } from "./patched-files.ts";

// What actions do, as far as they say it before anything is done: the files that they name, the commands that they run, and how much they
// write. What a command does to files nobody can read off it: that is what the patterns of a change are for, and the step that makes it.

/** The order in which several changes of one file make sense: it is written, then edited, then taken away. */
export const TOUCHES = ["writes", "edits", "removes"] as const;
type Touch = (typeof TOUCHES)[number];

export interface Footprint {
  /** By path, as written; what is done to it first. */
  readonly touches: ReadonlyMap<string, Touch>;
  readonly commands: readonly (readonly string[])[];
  readonly lines: number;
  /** Of all texts that it writes, and characters of the longest one. */
  readonly bytes: number;
  readonly longestChars: number;
  /** Paths that are there afterwards and may not have been before. */
  readonly made: readonly string[];
}

export function footprintOf(actions: readonly Action[]): Footprint {
  const touches = new Map<string, Touch>();
  const commands: (readonly string[])[] = [];
  const made: string[] = [];
  let [lines, bytes, longestChars] = [0, 0, 0];
  for (const action of actions) {
    const { named, text = "", isBinary = false, run } = traceOf(action);
    for (const [path, touch] of named) {
      if (!touches.has(path)) touches.set(path, touch);
      if (touch === "writes") made.push(path);
    }
    if (run !== undefined) commands.push(run);
    lines += isBinary ? 0 : linesOf(text);
    bytes += Buffer.byteLength(text);
    longestChars = Math.max(longestChars, text.length);
  }
  return { touches, commands, lines, bytes, longestChars, made };
}

interface Trace {
  readonly named: readonly (readonly [string, Touch])[];
  readonly text?: string;
  readonly isBinary?: boolean;
  readonly run?: readonly string[];
}

function traceOf(action: Action): Trace {
  switch (action.do) {
    case "write":
      return {
        named: [[action.path, "writes"]],
        text: action.text,
        isBinary: action.encoding === "base64",
      };
    case "edit":
      return { named: [[action.path, "edits"]], text: action.replace };
    case "patch": {
      const files = patchedFiles(action.patch);
      const named = files.flatMap(({ before, after }): (readonly [string, Touch])[] => {
        if (after === undefined) return before === undefined ? [] : [[before, "removes"]];
        if (before === undefined || before === after) return [[after, before === undefined ? "writes" : "edits"]];
        return [
          [before, "removes"],
          [after, "writes"],
        ];
      });
      return { named, text: action.patch };
    }
    case "move":
      return {
        named: [
          [action.from, "removes"],
          [action.to, "writes"],
        ],
      };
    case "delete":
      return { named: [[action.path, "removes"]] };
    case "run":
    case "format":
    case "test":
      return { named: [], run: action.run };
    case "commit":
      return { named: [] };
  }
}

function linesOf(text: string): number {
  if (text === "") return 0;
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
