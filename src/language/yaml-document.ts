import { Composer, Lexer, Parser } from "yaml";
import type { CST, Document } from "yaml";
import { MAX_PLAN_DEPTH } from "./source-node.ts";
import type { SyntaxProblem } from "./source-node.ts";

// Runs the YAML library's stages one by one (characters, tokens, syntax tree, document), because its own entry point has
// no limit: four megabytes of commas take it gigabytes of memory. The tokens are counted while they are made.

/** A plan of 10,000 steps has about 500,000; the worst text within the limit was measured as 8 s and 1.1 GB. */
export const MAX_YAML_TOKENS = 750_000;

type YamlDocument = Document.Parsed;

export type Composed =
  { readonly ok: true; readonly document: YamlDocument } | { readonly ok: false; readonly problem: SyntaxProblem };

export function composeYaml(text: string): Composed {
  const parsed = parseTokens(text);
  if ("code" in parsed) return { ok: false, problem: parsed };
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    stringKeys: true,
    // The library compares each key with each other one: 10,000 steps would cost 50 million comparisons.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = composer.compose(parsed, true, text.length);
  const first = documents.next();
  if (first.done === true)
    return { ok: false, problem: { code: "bad-yaml", message: "no document", start: 0, end: 1 } };
  const second = documents.next();
  if (second.done === true) return { ok: true, document: first.value };
  const start = second.value.range[0];
  const message = "a file holds one plan: remove what follows ---";
  return { ok: false, problem: { code: "many-documents", message, start, end: start + 1 } };
}

function parseTokens(text: string): CST.Token[] | SyntaxProblem {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (lexeme === "[" || lexeme === "{") depth += 1;
    else if (lexeme === "]" || lexeme === "}") depth -= 1;
    count += 1;
    const place = { start: parser.offset - 1, end: parser.offset };
    if (depth > MAX_PLAN_DEPTH) {
      return { code: "too-deep", message: `nested deeper than ${MAX_PLAN_DEPTH} levels`, ...place };
    }
    if (count > MAX_YAML_TOKENS) {
      const message = `more than ${MAX_YAML_TOKENS} YAML tokens: a plan as large as this is given as JSON`;
      return { code: "too-large", message, ...place };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
