import { RE2JS } from "re2js";

/** Patterns of checks: linear in the text, `^` and `$` at lines. */
const MAX_PROGRAM_INSTRUCTIONS = 20_000;

export type LinePattern =
  | { readonly ok: true; readonly find: (text: string) => number | undefined }
  | { readonly ok: false; readonly message: string };

/** `find` gives the line of the first match, from 1. */
export function linePattern(source: string): LinePattern {
  try {
    const compiled = RE2JS.compile(source, RE2JS.MULTILINE);
    if (compiled.programSize() > MAX_PROGRAM_INSTRUCTIONS) return { ok: false, message: "the pattern is too large" };
    return {
      ok: true,
      find: (text) => {
        const matcher = compiled.matcher(text);
        return matcher.find() ? lineAt(text, matcher.start()) : undefined;
      },
    };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : "the pattern is not valid" };
  }
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
