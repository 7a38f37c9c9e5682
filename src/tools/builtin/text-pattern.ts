// What text.replace and text.count look for: a literal, or a regular expression in RE2 syntax. RE2 runs in time linear
// in the text, so a plan cannot stop the process with a pattern.

import { z } from "zod";
import { ToolFailure } from "../define.ts";

/** Longest text a pattern runs over, in UTF-16 units: linear, but with a large constant. */
const MAX_PATTERN_TEXT_CHARS = 2_000_000;
const MAX_FIND_CHARS = 1000;
const MAX_MATCHES = 1_000_000;

export const findArgument = z.string().min(1).max(MAX_FIND_CHARS);
export const matchArgument = z.enum(["literal", "pattern"]).describe("`pattern` is a regular expression in RE2 syntax");

export interface Match {
  readonly start: number;
  readonly end: number;
  /** The text of the numbered groups; null where one took no part. */
  readonly groups: readonly (string | null)[];
}

/** Matches from left to right, none overlapping. Fails with `bad-pattern`, `too-many-matches`, `text-too-long`. */
export async function findAll(text: string, find: string, match: "literal" | "pattern"): Promise<Match[]> {
  const source = match === "literal" ? literalMatches(text, find) : await patternMatches(text, find);
  const matches: Match[] = [];
  for (const found of source) {
    if (matches.length >= MAX_MATCHES) {
      throw new ToolFailure("resource-exhausted", `more than ${MAX_MATCHES} matches`, { code: "too-many-matches" });
    }
    matches.push(found);
  }
  return matches;
}

function* literalMatches(text: string, find: string): Generator<Match> {
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) {
    yield { start: at, end: at + find.length, groups: [] };
  }
}

async function patternMatches(text: string, find: string): Promise<Iterable<Match>> {
  if (text.length > MAX_PATTERN_TEXT_CHARS) {
    const message = `a pattern looks through at most ${MAX_PATTERN_TEXT_CHARS} characters, not ${text.length}`;
    throw new ToolFailure("resource-exhausted", message, { code: "text-too-long" });
  }
  const { RE2JS } = await import("re2js");
  try {
    return eachMatch(RE2JS.compile(find).matcher(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new ToolFailure("validation", `pattern ${JSON.stringify(find)}: ${reason}`, { code: "bad-pattern" });
  }
}

interface Matcher {
  find(): boolean;
  start(): number;
  end(): number;
  groupCount(): number;
  group(index: number): string | null;
}

function* eachMatch(matcher: Matcher): Generator<Match> {
  while (matcher.find()) {
    const groups = Array.from({ length: matcher.groupCount() }, (_, index) => matcher.group(index + 1));
    yield { start: matcher.start(), end: matcher.end(), groups };
  }
}
