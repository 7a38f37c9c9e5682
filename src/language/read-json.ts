import { json, type Json } from "#events/json.ts";
import { isUnsafeKey, listNode, mapNode, MAX_PLAN_DEPTH, scalarNode } from "./source-node.ts";
import type { SourceMember, SourceNode, SyntaxProblem } from "./source-node.ts";
import type { Range } from "./source-text.ts";

// JSON (RFC 8259) with places. A reader of its own because `JSON.parse` says neither where a value stands nor that a key
// came twice, and because YAML accepts more than JSON does (comments, trailing commas, bare words).

/** Reads up to the first flaw; duplicate keys are all found. */
export function readJson(text: string, problems: SyntaxProblem[]): SourceNode | undefined {
  try {
    return new JsonReader(text, problems).read();
  } catch (error) {
    if (!(error instanceof JsonFlaw)) throw error;
    problems.push(error.problem);
    return undefined;
  }
}

/**
 * What `JSON.stringify` has written. Such a text has no flaw, and of most plans nobody asks for a place: places are read when the first one
 * is asked for. It is that of an object; keys that are refused, and too many levels, are to be looked for before.
 */
export class WrittenNode implements SourceNode {
  readonly value: Json;
  readonly #text: () => string;
  #placed: SourceNode | undefined;

  /** `text` is asked for places. */
  constructor(value: unknown, text: () => string) {
    this.value = json.parse(value);
    this.#text = text;
  }

  get start() {
    return this.#root.start;
  }
  get end() {
    return this.#root.end;
  }
  get quoting() {
    return this.#root.quoting;
  }
  get members() {
    return this.#root.members ?? NO_MEMBERS;
  }
  get weight() {
    return this.#root.weight;
  }
  get height() {
    return this.#root.height;
  }

  get #root(): SourceNode {
    return (this.#placed ??= new JsonReader(this.#text(), []).read());
  }
}

const NO_MEMBERS: ReadonlyMap<string, SourceMember> = new Map();

/** Such a key may be in it: a text with it in a value counts as well. */
export function hasUnsafeKey(text: string): boolean {
  return text.includes('"__proto__"');
}

class JsonFlaw extends Error {
  readonly problem: SyntaxProblem;
  constructor(problem: SyntaxProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const SPACE = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex -- RFC 8259 forbids just these in a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const WORD = /(?:true|false|null)(?!\w)/y;

class JsonReader {
  readonly #text: string;
  readonly #problems: SyntaxProblem[];
  #at = 0;

  constructor(text: string, problems: SyntaxProblem[]) {
    this.#text = text;
    this.#problems = problems;
  }

  read(): SourceNode {
    const root = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#flaw("text after the end of the JSON value");
    return root;
  }

  #value(depth: number): SourceNode {
    this.#skipSpace();
    if (depth > MAX_PLAN_DEPTH) throw this.#flaw(`nested deeper than ${MAX_PLAN_DEPTH} levels`, "too-deep");
    const sign = this.#text[this.#at];
    if (sign === "{") return this.#map(depth);
    return sign === "[" ? this.#list(depth) : this.#scalar();
  }

  #map(depth: number): SourceNode {
    const start = this.#at++;
    const members = new Map<string, SourceMember>();
    if (this.#takes("}")) return mapNode(members, { start, end: this.#at });
    do {
      const name = this.#key();
      if (!this.#takes(":")) throw this.#flaw("a colon is missing after the key");
      const member = { key: name.range, node: this.#value(depth + 1) };
      const first = members.get(name.text);
      if (first === undefined) members.set(name.text, member);
      else this.#problems.push(duplicateKey(name.text, { first: first.key, second: name.range }));
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#flaw("a comma or } is missing");
    return mapNode(members, { start, end: this.#at });
  }

  #key(): { text: string; range: Range } {
    this.#skipSpace();
    const start = this.#at;
    const raw = this.#match(STRING);
    if (raw === undefined) throw this.#flaw('a key in double quotes is expected, such as "steps"');
    const range = { start, end: this.#at };
    const text = String(JSON.parse(raw));
    if (isUnsafeKey(text)) throw new JsonFlaw(unsafeKey(text, range));
    return { text, range };
  }

  #list(depth: number): SourceNode {
    const start = this.#at++;
    const items: SourceNode[] = [];
    if (this.#takes("]")) return listNode(items, { start, end: this.#at });
    do items.push(this.#value(depth + 1));
    while (this.#takes(","));
    if (!this.#takes("]")) throw this.#flaw("a comma or ] is missing");
    return listNode(items, { start, end: this.#at });
  }

  #scalar(): SourceNode {
    const start = this.#at;
    const text = this.#match(STRING);
    if (text !== undefined) return scalarNode(String(JSON.parse(text)), "double", { start, end: this.#at });
    const word = this.#match(WORD);
    if (word !== undefined) {
      return scalarNode(word === "null" ? null : word === "true", "plain", { start, end: this.#at });
    }
    const number = this.#match(NUMBER);
    if (number === undefined) throw this.#flaw("this is not a JSON value");
    const flaw = numberFlaw(number, { start, end: this.#at });
    if (flaw !== undefined) this.#problems.push(flaw);
    return scalarNode(Number(number), "plain", { start, end: this.#at });
  }

  #takes(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #flaw(message: string, code = "bad-json"): JsonFlaw {
    const end = this.#at < this.#text.length ? this.#at + 1 : this.#at;
    const where = this.#at < this.#text.length ? message : `the text ends too early: ${message}`;
    return new JsonFlaw({ code, message: where, start: this.#at, end });
  }
}

const INTEGER = /^[-+]?\d+$/;

/** A number that would not be the one that was written. */
export function numberFlaw(source: string, range: Range): SyntaxProblem | undefined {
  if (isExact(source)) return undefined;
  const message = `the number ${source.slice(0, 40)} cannot be carried exactly; a longer one is written as text, in quotes`;
  return { code: "number-too-large", message, ...range };
}

/** An integer that a double holds is one that it is written as again. */
function isExact(source: string): boolean {
  const value = Number(source);
  if (!Number.isFinite(value)) return false;
  return Number.isSafeInteger(value) || !INTEGER.test(source) || String(value) === source.replace("+", "");
}

export function unsafeKey(name: string, range: Range): SyntaxProblem {
  return { code: "unsafe-key", message: `${JSON.stringify(name)} is not allowed as a key`, ...range };
}

export function duplicateKey(name: string, keys: { first: Range; second: Range }): SyntaxProblem {
  const message = `the key ${JSON.stringify(name)} was given before`;
  return { code: "duplicate-key", message, earlier: keys.first.start, ...keys.second };
}
