import { RE2JS } from "re2js";
import { MAX_PATTERN_CHARS, MAX_PATTERN_INSTRUCTIONS } from "#machines/expressions/limits.ts";
import { charge } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";

// Regular expressions in RE2's syntax: no backtracking, so the time is at most characters times instructions. A pattern is
// a literal of the expression and is compiled with it, which takes compiling out of what data can cause.

export interface Pattern {
  /** Whether some part of the text matches. */
  test(meter: Meter, text: string): boolean;
}

export type PatternResult =
  { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly message: string };

/** Pays for the states of the automaton that a text can make the library build. */
const INSTRUCTIONS_PER_UNIT = 2;

export function compilePattern(source: string): PatternResult {
  if (source.length > MAX_PATTERN_CHARS) return { ok: false, message: `above ${MAX_PATTERN_CHARS} characters` };
  try {
    const compiled = RE2JS.compile(source);
    const instructions = compiled.programSize();
    if (instructions > MAX_PATTERN_INSTRUCTIONS) return { ok: false, message: "the pattern is too large" };
    const test = (meter: Meter, text: string) => {
      charge(meter, 1 + (text.length * instructions) / INSTRUCTIONS_PER_UNIT);
      return compiled.test(text);
    };
    return { ok: true, pattern: { test } };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : "the pattern is not valid" };
  }
}
