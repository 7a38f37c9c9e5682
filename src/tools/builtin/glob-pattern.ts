// Glob patterns as a walk needs them: fed one path component at a time, so that a directory no pattern can match is not
// entered. `*` any run, `?` one character, `[a-z]` and `[!a-z]` one of a set, `{a,b}` alternatives, `**` any number of
// directories. `\` makes the next character literal. Matching is linear: the last `*` alone is tried again.
//
// G1. No pattern takes more than O(pattern x name) for a name; alternatives are expanded under MAX_ALTERNATIVES.
// G2. A name beginning with a dot is matched by a component that begins with a dot itself, or when `hidden` is set.

import { ToolFailure } from "../define.ts";

export const MAX_ALTERNATIVES = 256;

type Token = { readonly kind: "star" } | { readonly kind: "one"; readonly accepts: (character: string) => boolean };
type Component = "**" | { readonly tokens: readonly Token[]; readonly dotted: boolean };

/** How far each alternative has come: pairs of alternative and component index. */
export type GlobState = readonly (readonly [number, number])[];

export interface Glob {
  readonly start: GlobState;
  /** After one more path component: whether the path matches as it is, and where its children would go on. */
  step(state: GlobState, name: string): { readonly matches: boolean; readonly next: GlobState };
}

/** Fails with `bad-pattern` (validation). */
export function compileGlob(patterns: readonly string[], options: { readonly hidden: boolean }): Glob {
  const alternatives = expandAll(patterns).map(componentsOf);
  return {
    start: alternatives.flatMap((components, index) => skips(components, 0).map((at): [number, number] => [index, at])),
    step: (state, name) => {
      const wanted: Name = { characters: Array.from(name), shown: options.hidden || !name.startsWith(".") };
      const next = new Map<string, [number, number]>();
      let matches = false;
      for (const [index, at] of state) {
        const components = alternatives[index] ?? [];
        for (const to of advance(components, at, wanted)) {
          if (to >= components.length) matches = true;
          else next.set(`${index}:${to}`, [index, to]);
        }
        if (endsInAny(components, at) && wanted.shown) matches = true;
      }
      return { matches, next: [...next.values()] };
    },
  };
}

interface Name {
  readonly characters: readonly string[];
  /** Whether wildcards may match it. */
  readonly shown: boolean;
}

function advance(components: readonly Component[], at: number, name: Name): number[] {
  const component = components[at];
  if (component === undefined) return [];
  if (component === "**") return name.shown ? skips(components, at) : [];
  if (!name.shown && !component.dotted) return [];
  return matchesTokens(component.tokens, name.characters) ? skips(components, at + 1) : [];
}

/** A trailing `**` matches everything below. */
function endsInAny(components: readonly Component[], at: number): boolean {
  return at === components.length - 1 && components[at] === "**";
}

/** `**` may stand for nothing: being before it is also being behind it. */
function skips(components: readonly Component[], at: number): number[] {
  return components[at] === "**" && at + 1 < components.length ? [at, ...skips(components, at + 1)] : [at];
}

function matchesTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at] = [0, 0];
  let retry: { readonly token: number; readonly at: number } | undefined;
  while (at < name.length) {
    const current = tokens[token];
    if (current?.kind === "star") {
      token += 1;
      retry = { token, at };
    } else if (current?.accepts(name[at] ?? "") === true) {
      [token, at] = [token + 1, at + 1];
    } else {
      if (retry === undefined) return false;
      // The last star swallows one character more.
      retry = { token: retry.token, at: retry.at + 1 };
      ({ token, at } = retry);
    }
  }
  return tokens.slice(token).every((rest) => rest.kind === "star");
}

function componentsOf(pattern: string): Component[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  if (pattern.startsWith("/") || parts.length === 0 || parts.includes("..")) {
    throw bad(pattern, "a pattern is relative and stays below its directory");
  }
  return parts.map((part) => (part === "**" ? "**" : { tokens: tokensOf(part), dotted: part.startsWith(".") }));
}

function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  const characters = Array.from(part);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") tokens.push({ kind: "star" });
    else if (character === "?") tokens.push({ kind: "one", accepts: () => true });
    else if (character === "[") {
      const set = readSet(characters, at);
      tokens.push({ kind: "one", accepts: set.accepts });
      at = set.end;
    } else {
      const literal = character === "\\" ? (characters[(at += 1)] ?? "\\") : character;
      tokens.push({ kind: "one", accepts: (other) => other === literal });
    }
  }
  return tokens;
}

function readSet(
  characters: readonly string[],
  open: number,
): { readonly accepts: (character: string) => boolean; readonly end: number } {
  const negated = characters[open + 1] === "!" || characters[open + 1] === "^";
  const from = open + (negated ? 2 : 1);
  // A bracket right at the beginning is a member, as in a shell.
  const end = characters.indexOf("]", from + 1);
  if (end < 0) throw bad(characters.join(""), "[ without ]");
  const members = characters.slice(from, end);
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const low = members[at] ?? "";
    const high = members[at + 1] === "-" && at + 2 < members.length ? (members[(at += 2)] ?? low) : low;
    ranges.push([low, high]);
  }
  return { accepts: (one) => ranges.some(([low, high]) => low <= one && one <= high) !== negated, end };
}

/** Each `{a,b}` written out. Fails with `bad-pattern` (validation). */
export function expandAll(patterns: readonly string[]): string[] {
  const done: string[] = [];
  const open = [...patterns].reverse();
  for (let pattern = open.pop(); pattern !== undefined; pattern = open.pop()) {
    const parts = splitBraces(pattern);
    if (parts === undefined) done.push(pattern);
    else open.push(...parts.reverse());
    if (done.length + open.length > MAX_ALTERNATIVES) throw bad(pattern, `more than ${MAX_ALTERNATIVES} alternatives`);
  }
  return done;
}

/** The first `{…}` replaced by each of its alternatives; undefined when there is none. */
function splitBraces(pattern: string): string[] | undefined {
  const before = /^(?:[^\\{]|\\.)*(?=\{)/s.exec(pattern);
  if (before === null) return undefined;
  const cuts = [before[0].length];
  let depth = 0;
  for (let at = before[0].length; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "," && depth === 1) cuts.push(at);
    else if (character === "}") depth -= 1;
    if (depth === 0) return alternativesBetween(pattern, [...cuts, at]);
  }
  throw bad(pattern, "{ without }");
}

function alternativesBetween(pattern: string, cuts: readonly number[]): string[] {
  const [before, after] = [pattern.slice(0, cuts[0]), pattern.slice((cuts.at(-1) ?? 0) + 1)];
  return cuts.slice(1).map((cut, index) => before + pattern.slice((cuts[index] ?? 0) + 1, cut) + after);
}

function bad(pattern: string, rule: string): ToolFailure {
  return new ToolFailure("validation", `pattern ${JSON.stringify(pattern)}: ${rule}`, { code: "bad-pattern" });
}
