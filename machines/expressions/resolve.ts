import type { ASTNode } from "@marcbachmann/cel-js";
import type { ArithmeticOperator } from "#machines/expressions/arithmetic.ts";
import type { ComparisonOperator, Expression, Place, References } from "#machines/expressions/expression-tree.ts";
import type { Remark } from "#machines/expressions/finding.ts";
import { argumentCountsOf, functionNames, overloadsOf } from "#machines/expressions/functions/table.ts";
import { MAX_MACRO_DEPTH, MAX_PATTERNS_PER_EXPRESSION } from "#machines/expressions/limits.ts";
import { macroForm, macroNames, REDUCE, reduceForm } from "#machines/expressions/macro-form.ts";
import type { MacroForm, ReduceForm } from "#machines/expressions/macro-form.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { compilePattern } from "#machines/expressions/pattern.ts";

// From the syntax tree to the resolved one: names become inputs, outputs of steps, variables and the locals of macros; calls
// become functions and forms that exist; what the language leaves out is refused.
//
// R1. Every step that an expression can read is named in it: `steps` is used only as `steps.<id>.output`. So the references
//     found here are all dependencies, whatever the data.
// R2. `inputs` and `steps` are never the name of a macro's variable.

export interface Resolution {
  /** Undefined where there are remarks. */
  readonly expression?: Expression;
  readonly remarks: readonly Remark[];
  readonly references: References;
}

export function resolveNames(tree: ASTNode): Resolution {
  return new Resolver().resolve(tree);
}

type NodeOf<Op extends ASTNode["op"]> = Extract<ASTNode, { op: Op }>;

const MAX_INT = 2n ** 63n - 1n;

class Resolver {
  readonly #remarks: Remark[] = [];
  readonly #inputs = new Set<string>();
  readonly #steps = new Set<string>();
  /** Steps of which more is read than a size, or whether they gave anything. */
  readonly #read = new Set<string>();
  readonly #variables = new Set<string>();
  /** Names of the macro variables around the node, outermost first. */
  readonly #locals: string[] = [];
  /** Macros around the node. */
  #macros = 0;
  /** The argument of a `size(…)` or a `has(…)`. */
  #measuring: ASTNode | undefined;
  #patterns = 0;

  resolve(tree: ASTNode): Resolution {
    const expression = this.#node(tree);
    const steps = [...this.#steps];
    const measured = steps.filter((step) => !this.#read.has(step));
    const references = { inputs: [...this.#inputs], steps, measured, variables: [...this.#variables] };
    return { remarks: this.#remarks, references, ...(this.#remarks.length === 0 ? { expression } : {}) };
  }

  #node(node: ASTNode): Expression {
    if (node.op === "value") return this.#literal(node);
    if (node.op === "id") return this.#identifier(node);
    if (node.op === ".") return this.#select(node);
    if (node.op === "[]") return this.#index(node);
    if (node.op === "call") return this.#call(node, node.args[0], node.args[1]);
    if (node.op === "rcall") return this.#methodCall(node);
    return this.#composite(node);
  }

  #composite(node: ASTNode): Expression {
    const place = placeOf(node);
    if (node.op === "list") return { kind: "list", ...place, items: node.args.map((item) => this.#node(item)) };
    if (node.op === "map") {
      return { kind: "map", ...place, entries: node.args.map(([key, value]) => [this.#node(key), this.#node(value)]) };
    }
    if (node.op === "!_") return { kind: "not", ...place, operand: this.#node(node.args) };
    if (node.op === "-_") return { kind: "negate", ...place, operand: this.#node(node.args) };
    if (node.op === "?:") return this.#conditional(node);
    return this.#operator(node);
  }

  #conditional(node: NodeOf<"?:">): Expression {
    const [condition, whenTrue, whenFalse] = node.args;
    return {
      kind: "conditional",
      ...placeOf(node),
      condition: this.#node(condition),
      whenTrue: this.#node(whenTrue),
      whenFalse: this.#node(whenFalse),
    };
  }

  #operator(node: ASTNode): Expression {
    const [left, right] = Array.isArray(node.args) ? node.args : [];
    if (!isNode(left) || !isNode(right)) return this.#refuse(node, "unsupported-syntax", "not part of the language");
    const operands = { ...placeOf(node), left: this.#node(left), right: this.#node(right) };
    if (isArithmetic(node.op)) return { kind: "arithmetic", operator: node.op, ...operands };
    if (isComparison(node.op)) return { kind: "comparison", operator: node.op, ...operands };
    if (node.op === "&&" || node.op === "||") return { kind: "logical", operator: node.op, ...operands };
    return this.#refuse(node, "unsupported-syntax", "not part of the language");
  }

  #literal(node: NodeOf<"value">): Expression {
    const value = node.args;
    if (typeof value === "bigint" && value > MAX_INT) return this.#refuse(node, "integer-overflow", "beyond 64 bits");
    if (typeof value !== "object" || value === null) return { kind: "literal", ...placeOf(node), value };
    const what = value instanceof Uint8Array ? "bytes are" : "an unsigned int is";
    return this.#refuse(node, "unsupported-syntax", `${what} not part of the language`);
  }

  #identifier(node: NodeOf<"id">): Expression {
    const name = node.args;
    const slot = this.#locals.lastIndexOf(name);
    if (slot !== -1) return { kind: "local", ...placeOf(node), name, slot };
    if (name === "steps") return this.#refuse(node, "step-not-named", "a step is named: steps.<id>.output");
    if (name === "inputs") {
      this.#inputs.add("*");
      return { kind: "inputs", ...placeOf(node) };
    }
    this.#variables.add(name);
    return { kind: "variable", ...placeOf(node), name };
  }

  #select(node: NodeOf<".">): Expression {
    const [object, name] = node.args;
    if (this.#isRoot(object, "steps")) {
      return this.#refuse(node, "step-part-missing", `steps.${name}.output is what the step gave`);
    }
    if (object.op === "." && this.#isRoot(object.args[0], "steps")) return this.#output(node, object.args[1], name);
    return { kind: "select", ...placeOf(node), object: this.#owner(object, name), name, nameStart: node.pos };
  }

  #output(node: NodeOf<".">, step: string, part: string): Expression {
    if (part !== "output" && part !== "errors") {
      return this.#refuse(node, "unknown-step-part", `a step has no ${part}`, "output");
    }
    this.#steps.add(step);
    if (this.#measuring !== node) this.#read.add(step);
    if (part === "errors") return { kind: "errors", ...placeOf(node), step };
    return { kind: "output", ...placeOf(node), step };
  }

  #index(node: NodeOf<"[]">): Expression {
    const [object, index] = node.args;
    const name = index.op === "value" && typeof index.args === "string" ? index.args : "*";
    return { kind: "index", ...placeOf(node), object: this.#owner(object, name), index: this.#node(index) };
  }

  /** The object whose property `name` is read: only that input is a reference. */
  #owner(object: ASTNode, name: string): Expression {
    if (!this.#isRoot(object, "inputs")) return this.#node(object);
    this.#inputs.add(name);
    return { kind: "inputs", ...placeOf(object) };
  }

  #isRoot(node: ASTNode, name: "inputs" | "steps"): boolean {
    return node.op === "id" && node.args === name;
  }

  #methodCall(node: NodeOf<"rcall">): Expression {
    const [name, receiver, args] = node.args;
    if (receiver.op === "id" && receiver.args === "cel") {
      return this.#refuse(node, "forbidden-macro", `cel.${name} is not part of the language`);
    }
    const macro = macroForm(name, args);
    if (macro !== undefined) return this.#macro(node, receiver, macro);
    const reduce = reduceForm(name, args);
    if (reduce !== undefined) return this.#reduce(node, receiver, reduce);
    return this.#call(node, name, [receiver, ...args]);
  }

  #macro(node: ASTNode, receiver: ASTNode, form: MacroForm): Expression {
    const range = this.#node(receiver);
    const slot = this.#locals.length;
    const refused = this.#refusedMacro(node, [form.variable]);
    if (refused !== undefined) return refused;
    this.#enter(form.variable.name);
    const condition = form.condition === undefined ? {} : { condition: this.#node(form.condition) };
    const value = form.value === undefined ? {} : { value: this.#node(form.value) };
    this.#leave(1);
    return { kind: "macro", ...placeOf(node), macro: form.macro, range, slot, ...condition, ...value };
  }

  #reduce(node: ASTNode, receiver: ASTNode, { accumulated, variable, ...form }: ReduceForm): Expression {
    const [range, initial] = [this.#node(receiver), this.#node(form.initial)];
    const first = this.#locals.length;
    const refused = this.#refusedMacro(node, [accumulated, variable]);
    if (refused !== undefined) return refused;
    if (accumulated.name === variable.name) {
      const message = `what was made so far and the element have different names, not both ${variable.name}`;
      return this.#refuse(variable.node, "reserved-name", message);
    }
    this.#enter(accumulated.name, variable.name);
    const value = this.#node(form.value);
    this.#leave(2);
    return { kind: "reduce", ...placeOf(node), range, initial, value, accumulated: first, slot: first + 1 };
  }

  /** Undefined where the macro may stand there. */
  #refusedMacro(node: ASTNode, variables: readonly MacroForm["variable"][]): Expression | undefined {
    if (this.#macros >= MAX_MACRO_DEPTH) {
      return this.#refuse(node, "expression-too-complex", `more than ${MAX_MACRO_DEPTH} macros within each other`);
    }
    const reserved = variables.find(({ name }) => name === "inputs" || name === "steps");
    return reserved && this.#refuse(reserved.node, "reserved-name", `${reserved.name} cannot be a variable`);
  }

  #enter(...names: readonly string[]): void {
    this.#locals.push(...names);
    this.#macros += 1;
  }

  #leave(names: number): void {
    this.#locals.length -= names;
    this.#macros -= 1;
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[]): Expression {
    const [first, second] = args;
    if (name === "has" && args.length === 1 && first !== undefined) return this.#has(node, first);
    if (name === "matches" && args.length === 2 && first !== undefined && second !== undefined) {
      return this.#matches(node, first, second);
    }
    if (overloadsOf(name, args.length).length === 0) return this.#noFunction(node, name);
    this.#measuring = name === "size" ? first : undefined;
    return { kind: "call", ...placeOf(node), name, arguments: args.map((argument) => this.#node(argument)) };
  }

  #has(node: ASTNode, path: ASTNode): Expression {
    this.#measuring = path;
    const target = path.op === "." ? this.#select(path) : undefined;
    if (target?.kind === "output") return { ...target, ...placeOf(node), kind: "hasOutput" };
    if (target?.kind === "select") return { ...target, ...placeOf(node), kind: "has" };
    return this.#refuse(node, "invalid-has", "has() takes a path that ends in a name: has(inputs.since)");
  }

  #matches(node: ASTNode, text: ASTNode, source: ASTNode): Expression {
    if (source.op !== "value" || typeof source.args !== "string") {
      return this.#refuse(source, "pattern-not-literal", "the pattern of matches is a text written in the expression");
    }
    if (++this.#patterns > MAX_PATTERNS_PER_EXPRESSION) {
      return this.#refuse(source, "expression-too-complex", `more than ${MAX_PATTERNS_PER_EXPRESSION} patterns`);
    }
    const result = compilePattern(source.args);
    if (!result.ok) return this.#refuse(source, "invalid-pattern", result.message);
    return { kind: "matches", ...placeOf(node), text: this.#node(text), pattern: result.pattern };
  }

  #noFunction(node: ASTNode, name: string): Expression {
    const counts = argumentCountsOf(name);
    if (counts.length > 0) {
      const wanted = counts.join(" or ");
      return this.#refuse(node, "wrong-argument-count", `${name} takes ${wanted} (as a method, one less)`);
    }
    const known = [...functionNames(), ...macroNames, REDUCE, "has", "matches"];
    return this.#refuse(node, "unknown-function", `there is no function ${name}`, nearestName(name, known));
  }

  #refuse(node: ASTNode, code: string, ...[message, suggestion]: [string, string?]): Expression {
    const place = placeOf(node);
    this.#remarks.push({ code, message, ...place, ...(suggestion === undefined ? {} : { suggestion }) });
    return { kind: "literal", ...place, value: null };
  }
}

function placeOf(node: ASTNode): Place {
  return { start: node.start, end: node.end };
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === "object" && part !== null && "op" in part;
}

const arithmetic: ReadonlySet<string> = new Set<ArithmeticOperator>(["+", "-", "*", "/", "%"]);
const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(["==", "!=", "<", "<=", ">", ">=", "in"]);

function isArithmetic(operator: string): operator is ArithmeticOperator {
  return arithmetic.has(operator);
}

function isComparison(operator: string): operator is ComparisonOperator {
  return comparisons.has(operator);
}
