import type { YAMLError } from "yaml";
import type { SyntaxProblem } from "./source-node.ts";

// The YAML library's errors in the words of somebody who writes a plan. One mistake in YAML is often followed by many
// errors that are only its echo, so no more than the first of a kind that can echo is told.

/** A text up to this length is read again with the bad expressions taken out, to find those behind them. */
const MAX_REPAIRED_CHARS = 32_768;
const MAX_REPAIRS = 5;

type ErrorsOf = (text: string) => readonly YAMLError[];

export function yamlProblems(text: string, errors: readonly YAMLError[], parse: ErrorsOf): SyntaxProblem[] {
  const unquoted: SyntaxProblem[] = [];
  let repaired = text;
  let left = errors;
  for (let round = 0; round < MAX_REPAIRS; round++) {
    const expressions = unquotedExpressions(repaired, left);
    if (expressions.length === 0) break;
    unquoted.push(...expressions.map((expression) => unquotedExpression(text, expression)));
    // What else is wrong may be an echo of these.
    if (text.length > MAX_REPAIRED_CHARS) return unquoted;
    repaired = expressions.reduce(blankOut, repaired);
    left = parse(repaired);
  }
  const [first, ...others] = left.map((error) => problemOf(error, repaired));
  const rest = others.filter((problem) => problem.code !== "bad-yaml" && problem.start !== first?.start);
  return [...unquoted, ...(first === undefined ? [] : [first]), ...rest];
}

function unquotedExpressions(text: string, errors: readonly YAMLError[]): readonly Span[] {
  const starts = errors.map((error) => error.pos[0] - 1).filter((start) => start >= 0 && text.startsWith("${", start));
  return [...new Set(starts)].map((start) => expressionAt(text, start));
}

/** Of the same length, so that places stay. */
function blankOut(text: string, { start, end }: Span): string {
  return text.slice(0, start) + "_".repeat(end - start) + text.slice(end);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** From `${` to its brace on the same line; braces in the expression are counted, quotes are skipped. */
function expressionAt(text: string, start: number): Span {
  let open = 0;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    const sign = text[at];
    if (sign === "{") open += 1;
    else if (sign === "}") open -= 1;
    else if (sign === '"' || sign === "'") at = closingQuote(text, at, sign);
    if (open === 0) return { start, end: at + 1 };
  }
  return { start, end: start + 2 };
}

function closingQuote(text: string, start: number, quote: string): number {
  const end = text.indexOf(quote, start + 1);
  const newline = text.indexOf("\n", start);
  return end === -1 || (newline !== -1 && end > newline) ? start : end;
}

function unquotedExpression(text: string, expression: Span): SyntaxProblem {
  const scalar = text.slice(startOfScalar(text, expression.start), endOfScalar(text, expression.end)).trim();
  return {
    code: "unquoted-expression",
    message: "inside { } or [ ] a text with an expression must stand in quotes, or YAML reads its braces as its own",
    suggestion: quote(scalar),
    ...expression,
  };
}

function startOfScalar(text: string, at: number): number {
  const line = text.slice(text.lastIndexOf("\n", at) + 1, at);
  const sign = Math.max(line.lastIndexOf(","), line.lastIndexOf("["), line.lastIndexOf("{"), line.lastIndexOf(": "));
  return at - line.length + sign + 1 + (line[sign] === ":" ? 1 : 0);
}

function endOfScalar(text: string, at: number): number {
  let end = at;
  while (end < text.length && !/[,\]}\n]/.test(text[end] ?? "")) end += 1;
  return end;
}

function quote(scalar: string): string {
  return scalar.includes('"') || scalar.includes("\\") ? `'${scalar.replaceAll("'", "''")}'` : `"${scalar}"`;
}

const QUOTE_IT = "a text with a colon and a space in it must stand in quotes";

const messages: Readonly<Record<string, Pick<SyntaxProblem, "code" | "message">>> = {
  TAB_AS_INDENT: { code: "tab", message: "YAML cannot be indented with tabs: use spaces" },
  BLOCK_AS_IMPLICIT_KEY: { code: "bad-yaml", message: `a mapping cannot begin here; ${QUOTE_IT}` },
  MULTILINE_IMPLICIT_KEY: { code: "bad-yaml", message: "a key stands on one line: is the indentation right?" },
  BAD_INDENT: { code: "bad-indent", message: "this line's indentation fits none of the lines above" },
  NON_STRING_KEY: { code: "bad-key", message: "a key is a plain word or a text in quotes" },
  RESOURCE_EXHAUSTION: { code: "too-deep", message: "nested deeper than any plan" },
  BAD_SCALAR_START: { code: "bad-yaml", message: "a text cannot begin with this sign: put it in quotes" },
};

function problemOf(error: YAMLError, text: string): SyntaxProblem {
  const [start, end] = error.pos;
  const known = messages[error.code] ?? { code: "bad-yaml", message: `this is not YAML: ${lowered(error.message)}` };
  return { ...known, start: Math.min(start, text.length), end: Math.max(end, start + 1) };
}

function lowered(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
