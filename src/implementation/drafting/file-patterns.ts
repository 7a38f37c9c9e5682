import { compileGlob } from "#src/tools/builtin/glob-pattern.ts";

// Which files a change may touch: patterns of `fs.glob`, `!` before one leaves out, and names of paths as patterns.
//
// F1. A path stays inside: relative, without `..`, and never in `.git`, whatever its case.

const MAX_PATH_CHARS = 4_096;

/** The pattern that fits this path alone. */
export function escapedPattern(path: string): string {
  return path.replaceAll(/[*?[\]{}\\]/g, String.raw`\$&`).replace(/^!/, String.raw`\!`);
}

/** Why it cannot be; undefined for one that can (F1). */
export function flawOfPath(path: string): string | undefined {
  const parts = path.split("/");
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "it is absolute";
  if (path.includes("\0") || path.length > MAX_PATH_CHARS) return "it is no path";
  if (parts.some((part) => part === "" || part === ".")) return "it is not written plainly";
  if (parts.includes("..")) return "it leads out";
  return parts.some((part) => part.normalize("NFKC").toLowerCase() === ".git") ? "it is git's own" : undefined;
}

/** Why it cannot be; undefined for one that can. */
export function flawOfPattern(pattern: string): string | undefined {
  try {
    compileGlob([pattern.replace(/^!/, "")], { hidden: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether paths fit the patterns; those have no flaw. */
export function fitsPatterns(patterns: readonly string[]): (path: string) => boolean {
  const fits = patterns.filter((one) => !one.startsWith("!")).map(fitsOne);
  const isOut = patterns.filter((one) => one.startsWith("!")).map((one) => fitsOne(one.slice(1)));
  return (path) => fits.some((one) => one(path)) && !isOut.some((one) => one(path));
}

function fitsOne(pattern: string): (path: string) => boolean {
  const glob = compileGlob([pattern], { hidden: true });
  return (path) => {
    let state = glob.start;
    let matches = false;
    for (const name of path.split("/")) ({ matches, next: state } = glob.step(state, name));
    return matches;
  };
}
