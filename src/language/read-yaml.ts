import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Alias, Node, Scalar, YAMLError, YAMLMap, YAMLSeq } from "yaml";
import type { SourceMember, SourceNode, SyntaxProblem } from "./source-node.ts";
import { isUnsafeKey, listNode, mapNode, MAX_PLAN_DEPTH, MAX_PLAN_WEIGHT, scalarNode } from "./source-node.ts";
import type { Quoting } from "./source-node.ts";
import { duplicateKey, numberFlaw, unsafeKey } from "./read-json.ts";
import type { Range } from "./source-text.ts";
import { composeYaml } from "./yaml-document.ts";
import { yamlProblems } from "./yaml-problems.ts";

// YAML (1.2, core schema) as the same nodes that JSON gives: what YAML has beyond JSON ends here.
//
// Y1. Nothing is taken from a document that has a syntax error: what a repair would guess is not what was meant.
// Y2. An alias shares the node of its anchor; what it would cost written out is counted (MAX_PLAN_WEIGHT) before anything
//     writes it out.
// Y3. Keys are texts and unique, tags are those of JSON, numbers are those that JSON carries.

export const MAX_ALIASES = 1_000;

export function readYaml(text: string, problems: SyntaxProblem[]): SourceNode | undefined {
  const composed = composeYaml(text);
  if (!composed.ok) {
    problems.push(composed.problem);
    return undefined;
  }
  const { errors, contents, directives } = composed.document;
  problems.push(...yamlProblems(text, errors, errorsOf));
  if (problems.length > 0) return undefined;
  if (directives.yaml.explicit === true && directives.yaml.version !== "1.2") {
    problems.push({ code: "yaml-version", message: "plans are YAML 1.2", start: 0, end: "%YAML".length });
  }
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (!isEmpty) return new YamlReader(problems).read(contents);
  problems.push({ code: "empty-plan", message: "there is nothing in this plan", start: 0, end: 1 });
  return undefined;
}

function errorsOf(text: string): readonly YAMLError[] {
  const composed = composeYaml(text);
  return composed.ok ? composed.document.errors : [];
}

const JSON_TAGS = ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`);

class YamlReader {
  readonly #problems: SyntaxProblem[];
  readonly #anchors = new Map<string, SourceNode>();
  #aliases = 0;

  constructor(problems: SyntaxProblem[]) {
    this.#problems = problems;
  }

  read(contents: Node): SourceNode {
    const root = this.#node(contents, 0);
    if (root.weight > MAX_PLAN_WEIGHT) {
      this.#add(
        "alias-bomb",
        `with its aliases written out this plan is larger than ${MAX_PLAN_WEIGHT} characters`,
        root,
      );
    } else if (root.height > MAX_PLAN_DEPTH && this.#problems.length === 0) {
      this.#add("too-deep", `nested deeper than ${MAX_PLAN_DEPTH} levels`, { start: root.start, end: root.start + 1 });
    }
    return root;
  }

  #node(node: Node | null, depth: number, fallback?: Range): SourceNode {
    const range = rangeOf(node) ?? fallback ?? { start: 0, end: 0 };
    if (node === null) return scalarNode(null, "plain", range);
    if (depth > MAX_PLAN_DEPTH) return scalarNode(null, "plain", { ...range, ...this.#tooDeep(range) });
    if (isAlias(node)) return this.#alias(node, range);
    this.#checkTag(node, range);
    const read = this.#content(node, range, depth);
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, read);
    return read;
  }

  #content(node: Node, range: Range, depth: number): SourceNode {
    if (isMap(node)) return this.#map(node, range, depth);
    if (isSeq(node)) return this.#list(node, range, depth);
    return isScalar(node) ? this.#scalar(node, range) : scalarNode(null, "plain", range);
  }

  #map(map: YAMLMap, range: Range, depth: number): SourceNode {
    const members = new Map<string, SourceMember>();
    for (const pair of map.items) {
      const key = isScalar(pair.key) ? pair.key : undefined;
      const keyRange = rangeOf(key) ?? range;
      const name = typeof key?.value === "string" ? key.value : "";
      const first = members.get(name);
      const node = this.#node(isNode(pair.value) ? pair.value : null, depth + 1, keyRange);
      if (isUnsafeKey(name)) this.#problems.push(unsafeKey(name, keyRange));
      else if (first === undefined) members.set(name, { key: keyRange, node });
      else this.#problems.push(duplicateKey(name, { first: first.key, second: keyRange }));
    }
    return mapNode(members, range);
  }

  #list(list: YAMLSeq, range: Range, depth: number): SourceNode {
    const items = list.items.map((item) => this.#node(isNode(item) ? item : null, depth + 1, range));
    return listNode(items, range);
  }

  #scalar(scalar: Scalar, range: Range): SourceNode {
    const { value } = scalar;
    const quoting = quotings[scalar.type ?? "PLAIN"] ?? "plain";
    if (typeof value === "string") {
      if (quoting === "plain") this.#checkComment(scalar, value, range);
      return scalarNode(value, quoting, range);
    }
    if (typeof value === "number") this.#checkNumber(value, scalar.source ?? "", range);
    return scalarNode(typeof value === "number" || typeof value === "boolean" ? value : null, quoting, range);
  }

  /** What is not a decimal integer (0x1F, 1.5e3, .inf) is judged by its value. */
  #checkNumber(value: number, source: string, range: Range): void {
    const isDecimal = /^[-+]?[1-9]\d*$/.test(source);
    const flaw = numberFlaw(isDecimal ? source : String(value), range);
    if (flaw !== undefined) this.#problems.push(flaw);
  }

  /** ` #` begins a comment also in the middle of an expression. */
  #checkComment(scalar: Scalar, value: string, range: Range): void {
    if (typeof scalar.comment !== "string" || value.lastIndexOf("${") <= value.lastIndexOf("}")) return;
    const message = "a # after a space begins a comment and ends this expression: put quotes around the text";
    this.#add("unquoted-expression", message, range);
  }

  #alias(alias: Alias, range: Range): SourceNode {
    const target = this.#anchors.get(alias.source);
    this.#aliases += 1;
    if (this.#aliases === MAX_ALIASES + 1) this.#add("alias-bomb", `more than ${MAX_ALIASES} aliases`, range);
    if (target === undefined) {
      this.#add("unknown-alias", `there is no anchor &${alias.source} before this place, or it is around it`, range);
    }
    return target ?? scalarNode(null, "plain", range);
  }

  #checkTag(node: Node, range: Range): void {
    if (node.tag === undefined || JSON_TAGS.includes(node.tag)) return;
    this.#add("unknown-tag", `the tag ${node.tag} is not part of the plan language`, range);
  }

  #tooDeep(range: Range): Range {
    this.#add("too-deep", `nested deeper than ${MAX_PLAN_DEPTH} levels`, { start: range.start, end: range.start + 1 });
    return range;
  }

  #add(code: string, message: string, { start, end }: Range): void {
    this.#problems.push({ code, message, start, end });
  }
}

const quotings: Readonly<Record<string, Quoting>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "block",
  BLOCK_FOLDED: "block",
};

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function rangeOf(node: Node | null | undefined): Range | undefined {
  const range = node?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
}
