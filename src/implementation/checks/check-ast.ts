// A selector over the syntax trees of TypeScript and JavaScript, in the words of esquery with the kinds of TypeScript's own parser.
//
// T1. Both are loaded when the first such check is asked: `typescript` is installed by whoever wants it.
// T2. Patterns in a selector run in linear time, as everywhere: they are taken out of the parsed selector and put in anew.
// T3. A text that is no program is still a tree; what a parser of a whole language makes of it is what the check sees.

import { RE2JS } from "re2js";
import { ToolFailure } from "#src/tools/define.ts";
import { acrossFiles } from "./across-files.ts";
import type { Check } from "./check.ts";
import { broken, type Found } from "./found.ts";
import type { Place } from "./place.ts";

const MAX_SELECTOR_DEPTH = 32;

type AstCheck = Extract<Check, { kind: "ast" }>;

/** Codes: `typescript-missing`, `bad-selector`, `syntax-too-deep`, those of `acrossFiles`. */
export async function askAst({ files, selector, found }: AstCheck, place: Place): Promise<Found> {
  try {
    const { find, version } = await finderOf(selector);
    return await acrossFiles({ files, found, question: ["ast", version, selector], find }, place);
  } catch (error) {
    if (error instanceof ToolFailure) return broken(error.code, { text: error.message });
    if (!(error instanceof RangeError)) throw error;
    return broken("syntax-too-deep", { text: "a file is nested too deep to be looked into" });
  }
}

interface Finder {
  readonly version: string;
  readonly find: (text: string, name: string) => number | undefined;
}

async function finderOf(selector: string): Promise<Finder> {
  const { typescript, query } = await parsers();
  const parsed = selectorOf(selector, query.parse);
  return {
    version: typescript.version,
    find: (text, name) => {
      const tree = query.ast(text, name, kindOf(name, typescript.ScriptKind));
      const [first] = query.match(tree, parsed);
      return first && tree.getLineAndCharacterOfPosition(first.getStart(tree)).line + 1;
    },
  };
}

/** Fails with `bad-selector`. */
function selectorOf<Parsed>(selector: string, parse: (text: string) => Parsed): NonNullable<Parsed> {
  try {
    const parsed = parse(selector);
    if (parsed === null || parsed === undefined) throw new Error("it selects nothing");
    linear(parsed, 0);
    return parsed;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "";
    throw new ToolFailure("validation", `${JSON.stringify(selector)}: ${why}`, { code: "bad-selector" });
  }
}

/** T2. Changes the parsed selector in place: it is ours. */
function linear(part: unknown, depth: number): void {
  if (typeof part !== "object" || part === null) return;
  if (depth > MAX_SELECTOR_DEPTH) throw new Error(`nested deeper than ${MAX_SELECTOR_DEPTH} levels`);
  if ("type" in part && part.type === "regexp" && "value" in part && part.value instanceof RegExp) {
    const { source, flags } = part.value;
    const compiled = RE2JS.compile(source, flags.includes("i") ? RE2JS.CASE_INSENSITIVE : 0);
    part.value = { test: (text: string) => compiled.test(text) };
    return;
  }
  for (const inner of Object.values(part)) linear(inner, depth + 1);
}

async function parsers() {
  try {
    const [{ default: typescript }, query] = await Promise.all([
      import("typescript"),
      import("@phenomnomnominal/tsquery"),
    ]);
    return { typescript, query };
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).endsWith("MODULE_NOT_FOUND"))
      throw error;
    const message = "syntax trees need the package typescript: npm install --save-dev typescript";
    throw new ToolFailure("not-found", message, { code: "typescript-missing" });
  }
}

/** By the ending; TypeScript without tags where it says nothing, as a generic call could not be told from one. */
function kindOf<Kind>(
  name: string,
  kinds: { readonly TS: Kind; readonly TSX: Kind; readonly JS: Kind; readonly JSX: Kind },
): Kind {
  if (/\.tsx$/iu.test(name)) return kinds.TSX;
  if (/\.jsx$/iu.test(name)) return kinds.JSX;
  return /\.[cm]?js$/iu.test(name) ? kinds.JS : kinds.TS;
}
