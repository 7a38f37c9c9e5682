// The rules of .gitignore files (gitignore(5)), for a walk where git does not do it.
//
// I1. The last rule that matches decides, and a file deeper down is asked before one above it.
// I2. What lies in a directory that is left out cannot be taken back in: the walk does not enter it.
// I3. Matching is linear in the name whatever a rule says (the globs of fs.glob): these files come from anybody.

import { compileGlob, type Glob, type GlobState } from "#src/tools/builtin/glob-pattern.ts";

const MAX_RULES = 5_000;

interface Rule {
  readonly isNegated: boolean;
  readonly forDirectories: boolean;
  /** Of the name alone; undefined for one of the path. */
  readonly name?: (name: string) => boolean;
  readonly path?: { readonly glob: Glob; readonly state: GlobState };
}

/** In one directory: all the rules that reach into it, the weakest first. */
export interface Ignoring {
  /** With the rules of this directory's own file. */
  below(rules: string): Ignoring;
  /** Of a directory in this one that is not ignored. */
  into(name: string): Ignoring;
  ignores(name: string, isDirectory: boolean): boolean;
}

export function ignoringOf(rules: string): Ignoring {
  return withRules(rulesOf(rules));
}

function withRules(rules: readonly Rule[]): Ignoring {
  return {
    below: (text) => withRules([...rules, ...rulesOf(text)]),
    into: (name) => withRules(rules.flatMap((rule) => steppedInto(rule, name))),
    ignores: (name, isDirectory) => {
      const deciding = rules.findLast((rule) => matches(rule, name, isDirectory));
      return deciding !== undefined && !deciding.isNegated;
    },
  };
}

function matches({ forDirectories, name: byName, path }: Rule, name: string, isDirectory: boolean): boolean {
  if (forDirectories && !isDirectory) return false;
  if (byName !== undefined) return byName(name);
  return path?.glob.step(path.state, name).matches === true;
}

/** What is left of a rule in a directory; none where it cannot match any more. */
function steppedInto(rule: Rule, name: string): readonly Rule[] {
  if (rule.path === undefined) return [rule];
  const { glob } = rule.path;
  const state = glob.step(rule.path.state, name).next;
  return state.length === 0 ? [] : [{ ...rule, path: { glob, state } }];
}

function rulesOf(text: string): readonly Rule[] {
  return text
    .replace(/^\uFEFF/u, "")
    .split("\n")
    .slice(0, MAX_RULES)
    .flatMap((line) => ruleOf(line.replace(/\r$/u, "")) ?? []);
}

function ruleOf(line: string): Rule | undefined {
  const shown = withoutTrailingSpaces(line);
  if (shown === "" || shown.startsWith("#")) return undefined;
  const isNegated = shown.startsWith("!");
  const body = isNegated ? shown.slice(1) : shown;
  const forDirectories = body.endsWith("/");
  const pattern = forDirectories ? body.slice(0, -1) : body;
  if (pattern === "") return undefined;
  const said = { isNegated, forDirectories };
  if (!pattern.includes("/")) return withMatcher(said, nameMatcher(pattern));
  const glob = globOf(pattern.replace(/^\//u, ""));
  return glob && { ...said, path: { glob, state: glob.start } };
}

function withMatcher(
  said: Pick<Rule, "isNegated" | "forDirectories">,
  name: ((name: string) => boolean) | undefined,
): Rule | undefined {
  return name && { ...said, name };
}

/** The common shapes without a glob: a name, and `*.ending`. */
function nameMatcher(pattern: string): ((name: string) => boolean) | undefined {
  if (!/[*?[\\]/u.test(pattern)) return (name) => name === pattern;
  if (/^\*[^*?[\\]*$/u.test(pattern)) return (name) => name.endsWith(pattern.slice(1));
  const glob = globOf(pattern);
  return glob && ((name) => glob.step(glob.start, name).matches);
}

/** Undefined for a pattern that can match nothing. Braces mean nothing here. */
function globOf(pattern: string): Glob | undefined {
  try {
    return compileGlob([pattern.replaceAll(/[{}]/gu, "\\$&")], { hidden: true });
  } catch {
    return undefined;
  }
}

/** Those that a backslash keeps stay. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " " && line[end - 2] !== "\\") end -= 1;
  return line.slice(0, end);
}
