import { compileGlob } from "#src/tools/builtin/glob-pattern.ts";

// What a change says that it may touch: patterns as those of `fs.glob`, and `!` before one leaves out. A path that stands there letter
// by letter is meant as it is, whatever characters are in it.

/** Fails with `bad-pattern` (validation). */
export function declaredFiles(patterns: readonly string[]): (path: string) => boolean {
  const without = patterns.filter((one) => one.startsWith("!")).map((one) => one.slice(1));
  const within = patterns.filter((one) => !one.startsWith("!"));
  const literal = new Set(within);
  const [included, excluded] = [matcherOf(within), matcherOf(without)];
  return (path) => (literal.has(path) || included(path)) && !excluded(path);
}

function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const glob = compileGlob(patterns, { hidden: true });
  return (path) => {
    let [state, matches] = [glob.start, false];
    for (const name of path.split("/")) {
      const stepped = glob.step(state, name);
      [state, matches] = [stepped.next, stepped.matches];
    }
    return matches;
  };
}
