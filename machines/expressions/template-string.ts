import { checkExpression } from "#machines/expressions/check.ts";
import { parseExpression } from "#machines/expressions/expression.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { findingAt } from "#machines/expressions/finding.ts";
import { typeOfValue } from "#machines/expressions/json-schema.ts";
import type { Finding, Path, Remark } from "#machines/expressions/finding.ts";
import { MAX_FINDINGS } from "#machines/expressions/limits.ts";
import { produceText, produceValue } from "#machines/expressions/template-evaluation.ts";
import type { PlacedExpression, Produce } from "#machines/expressions/template-evaluation.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";
import type { Json } from "#events/json.ts";

// The strings of one template, compiled one after the other; findings and references are gathered over all of them.
// A string that is refused counts as fixed text from there on: the template is not usable anyway.

/** What a string, or any other part of a template, compiles to. */
export type TemplatePart = FixedPart | MovingPart;

interface MovingPart {
  readonly produce: Produce<Json>;
  readonly type: ExpressionType;
  readonly isFixed: false;
}

/** There is no expression in it. `value`: what was written, with `${` where `$${` stood. */
interface FixedPart extends Omit<MovingPart, "isFixed"> {
  readonly isFixed: true;
  readonly value: Json;
}

export interface TypedExpression extends PlacedExpression {
  readonly type: ExpressionType;
}

interface StringPlace {
  readonly path: Path;
  /** The whole string. */
  readonly text: string;
}

export class StringCompiler {
  readonly #scope: TypeScope | undefined;
  readonly #findings: Finding[] = [];
  readonly #inputs = new Set<string>();
  readonly #steps = new Set<string>();
  /** Steps of which more is read than a size, or whether they gave anything. */
  readonly #read = new Set<string>();
  readonly #variables = new Set<string>();

  constructor(scope: TypeScope | undefined) {
    this.#scope = scope;
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  get references(): References {
    const steps = [...this.#steps];
    const measured = steps.filter((step) => !this.#read.has(step));
    return { inputs: [...this.#inputs], steps, measured, variables: [...this.#variables] };
  }

  compile(text: string, path: Path): TemplatePart {
    const split = splitTemplate(text);
    if (!split.ok) {
      this.refuse({ path, text }, split.remark);
      return fixedPart(text);
    }
    if (split.parts.every((part) => part.kind === "text")) return fixedPart(split.parts[0]?.text ?? "");
    const parts = split.parts.map((part) =>
      part.kind === "text" ? part.text : this.compileExpression(part, { path, text }),
    );
    const [only] = parts;
    if (parts.length === 1 && typeof only === "object") {
      return { isFixed: false, type: only.type, produce: produceValue(only) };
    }
    return { isFixed: false, type: types.STRING, produce: produceText(parts.filter((part) => part !== undefined)) };
  }

  /** Undefined where it was refused. `offset`: of the expression in the string. */
  compileExpression(part: { text: string; offset: number }, place: StringPlace): TypedExpression | undefined {
    const result = parseExpression(part.text);
    if (!result.ok) {
      for (const remark of result.remarks) this.refuse(place, remark, part.offset);
      return undefined;
    }
    const { tree, references, evaluate } = result.compiled;
    this.#remember(references);
    const checked = this.#scope === undefined ? undefined : checkExpression(tree, this.#scope);
    for (const remark of checked?.remarks ?? []) this.refuse(place, remark, part.offset);
    return { path: place.path, text: part.text, tree, evaluate, type: checked?.type ?? types.DYN };
  }

  refuse(place: StringPlace, remark: Remark, offset = 0): void {
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(findingAt(remark, { ...place, offset }));
  }

  #remember(references: References): void {
    for (const name of references.inputs) this.#inputs.add(name);
    for (const id of references.steps) {
      this.#steps.add(id);
      if (!references.measured.includes(id)) this.#read.add(id);
    }
    for (const name of references.variables) this.#variables.add(name);
  }
}

export function fixedPart(value: Json): TemplatePart {
  return new Fixed(value);
}

class Fixed implements FixedPart {
  readonly isFixed = true;
  readonly value: Json;

  constructor(value: Json) {
    this.value = value;
  }

  /** Of most nobody asks it: the value itself says more. */
  get type(): ExpressionType {
    return typeOfValue(this.value);
  }

  get produce(): Produce<Json> {
    return () => this.value;
  }
}
