import { isDeeperThan, type JsonObject } from "#events/json.ts";
import type { Finding } from "./finding.ts";
import { hasUnsafeKey, readJson, WrittenNode } from "./read-json.ts";
import { readYaml } from "./read-yaml.ts";
import { Report } from "./report.ts";
import { MAX_PLAN_DEPTH } from "./source-node.ts";
import type { SourceNode, SyntaxProblem } from "./source-node.ts";

// The border between a text that somebody wrote and a JSON value with places. Whether that value is a plan is the
// business of `checkPlan`.
//
// S1. A text that is larger, deeper or (its aliases written out) heavier than the limits is refused before its value exists.
// S2. What is refused is refused with its place; a source that is given out has no syntax error left.

export const MAX_PLAN_BYTES = 4 * 1024 * 1024;

export interface PlanSource {
  /** As the findings name it. */
  readonly file: string;
  readonly text: string;
  readonly root: SourceNode;
}

export type Parsed =
  { readonly ok: true; readonly source: PlanSource } | { readonly ok: false; readonly findings: readonly Finding[] };

export interface ParseOptions {
  readonly file: string;
  /** Default: JSON for a file whose name ends in `.json`, else YAML (of which JSON is a part). */
  readonly format?: "yaml" | "json";
}

/** A text, or the value that such a text stands for. Codes: bad-yaml, bad-json, bad-indent, tab, duplicate-key, unquoted-expression, alias-bomb, too-large, too-deep, … */
export function parsePlan(written: string | JsonObject, options: ParseOptions): Parsed {
  return typeof written === "string" ? parseText(written, options) : parseValue(written, options.file);
}

function parseValue(written: JsonObject, file: string): Parsed {
  // What writes JSON recurses.
  const isDeep = isDeeperThan(written, MAX_PLAN_DEPTH);
  if (isDeep && isDeeperThan(written, MAX_PLAN_DEPTH + 1)) return { ok: false, findings: tooDeep(file) };
  const text = JSON.stringify(written);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PLAN_BYTES) return { ok: false, findings: tooLarge(file, bytes) };
  const source = new WrittenSource(file, text);
  return isDeep || hasUnsafeKey(text) ? readText(source.text, { file, format: "json" }) : { ok: true, source };
}

/** Of a plan that is given as a value: a text with lines is there for the findings, of most plans for nobody. */
class WrittenSource implements PlanSource {
  readonly file: string;
  readonly root: SourceNode;
  readonly #written: string;
  #text: string | undefined;

  /** `written` is what `JSON.stringify` makes of it. */
  constructor(file: string, written: string) {
    this.file = file;
    this.#written = written;
    this.root = new WrittenNode(JSON.parse(written), () => this.text);
  }

  get text(): string {
    return (this.#text ??= JSON.stringify(JSON.parse(this.#written), null, 2));
  }
}

function parseText(text: string, options: ParseOptions): Parsed {
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_PLAN_BYTES ? { ok: false, findings: tooLarge(options.file, bytes) } : readText(text, options);
}

function readText(text: string, { file, format }: ParseOptions): Parsed {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const problems: SyntaxProblem[] = [];
  const isJson = format === undefined ? file.toLowerCase().endsWith(".json") : format === "json";
  const root = isJson ? readJson(plain, problems) : readYaml(plain, problems);
  if (root !== undefined && problems.length === 0) return { ok: true, source: { file, text: plain, root } };
  const report = new Report({ file, text: plain });
  for (const problem of problems) report.syntax(problem);
  return { ok: false, findings: report.findings() };
}

function tooDeep(file: string): readonly Finding[] {
  const report = new Report({ file, text: "" });
  report.syntax({ code: "too-deep", message: `nested deeper than ${MAX_PLAN_DEPTH} levels`, start: 0, end: 1 });
  return report.findings();
}

function tooLarge(file: string, bytes: number): readonly Finding[] {
  const report = new Report({ file, text: "" });
  const message = `this file has ${bytes} bytes, a plan has at most ${MAX_PLAN_BYTES}`;
  report.syntax({ code: "too-large", message, start: 0, end: 1 });
  return report.findings();
}
