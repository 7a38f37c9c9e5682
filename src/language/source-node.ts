import type { Json } from "#events/json.ts";
import type { Path } from "./finding.ts";
import type { Range } from "./source-text.ts";

// A JSON value that knows where each of its parts stands in a text; what both readers (YAML, JSON) produce, so that no rule
// knows which of the two a plan was written in.

/** How a scalar is written: decides how an offset in its value is found again in the source. */
export type Quoting = "plain" | "single" | "double" | "block";

export interface SourceNode extends Range {
  readonly value: Json;
  readonly quoting: Quoting;
  /** Of a mapping, in source order. */
  readonly members?: ReadonlyMap<string, SourceMember>;
  /** Of a list. */
  readonly items?: readonly SourceNode[];
  /** Nodes and characters in it, aliases expanded: what it costs to write the value down. */
  readonly weight: number;
  /** Levels of nesting below it. */
  readonly height: number;
}

export interface SourceMember {
  readonly key: Range;
  readonly node: SourceNode;
}

/** A flaw of the text itself, found before there is a value. */
export interface SyntaxProblem extends Range {
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
  /** Offset of an earlier place that belongs to it; its line is added to the message. */
  readonly earlier?: number;
}

/** A text may be a plan as long as it costs no more than this many characters and nodes. */
export const MAX_PLAN_WEIGHT = 16 * 1024 * 1024;
export const MAX_PLAN_DEPTH = 64;

/** What stands at the path, or the nearest thing around it. `exact` tells which. */
export function nodeAt(root: SourceNode, path: Path): { node: SourceNode; key: Range | undefined; exact: boolean } {
  let node = root;
  let key: Range | undefined;
  for (const step of path) {
    const member = typeof step === "string" ? node.members?.get(step) : undefined;
    const next = typeof step === "number" ? node.items?.[step] : member?.node;
    if (next === undefined) return { node, key, exact: false };
    node = next;
    key = member?.key;
  }
  return { node, key, exact: true };
}

export function scalarNode(value: string | number | boolean | null, quoting: Quoting, range: Range): SourceNode {
  return { ...range, value, quoting, weight: 1 + (typeof value === "string" ? value.length : 0), height: 0 };
}

export function listNode(items: readonly SourceNode[], range: Range): SourceNode {
  return { ...range, value: items.map((item) => item.value), quoting: "plain", items, ...sizeOf(items) };
}

/** A name that JavaScript treats as more than a name must have been refused before. */
export function mapNode(members: ReadonlyMap<string, SourceMember>, range: Range): SourceNode {
  const value: Record<string, Json> = {};
  const nodes: SourceNode[] = [];
  let keyChars = 0;
  for (const [name, member] of members) {
    value[name] = member.node.value;
    nodes.push(member.node);
    keyChars += name.length;
  }
  const { weight, height } = sizeOf(nodes);
  return { ...range, value, quoting: "plain", members, weight: weight + keyChars, height };
}

/** The one key that an object literal, `Object.assign` and some decoders do not keep as data. */
export function isUnsafeKey(name: string): boolean {
  return name === "__proto__";
}

function sizeOf(nodes: readonly SourceNode[]): { weight: number; height: number } {
  let weight = 1;
  let height = 0;
  for (const node of nodes) {
    weight += node.weight;
    if (node.height > height) height = node.height;
  }
  return { weight, height: height + 1 };
}
