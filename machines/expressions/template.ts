import type { Json } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { ExpressionValues } from "#machines/expressions/evaluation.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { Finding, Path } from "#machines/expressions/finding.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { MAX_TEMPLATE_DEPTH } from "#machines/expressions/limits.ts";
import { schemaOfType } from "#machines/expressions/schema-text.ts";
import { evaluateSafely } from "#machines/expressions/template-evaluation.ts";
import type { Evaluated } from "#machines/expressions/template-evaluation.ts";
import { fixedPart, StringCompiler } from "#machines/expressions/template-string.ts";
import type { TemplatePart } from "#machines/expressions/template-string.ts";
import { isPlain } from "#machines/expressions/template-text.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";

// The border between a plan's text and values: strings with `${ … }` anywhere inside a JSON value.
//
// E1. A string that is nothing but one expression has the expression's value; any other becomes text.
// E2. Strings are resolved once: what an expression gives is never looked at for `${` again.
// E3. Evaluation is pure, never throws, and does the same bounded work for the same values on every machine.
// E4. With a scope, types are checked; without, only syntax and names are: an evaluation is the same either way.
// E5. What has no expression in it is handed on as it is, not copied: results are to be read, not changed.

export interface Template {
  readonly references: References;
  /** Schema of the value; `{}` = anything. Without a scope, an expression is anything. */
  readonly type: JsonSchema;
  /** It reads nothing: every evaluation gives the same. */
  readonly isConstant: boolean;
  evaluate(values: ExpressionValues): Evaluated<Json>;
}

export type TemplateResult =
  { readonly ok: true; readonly template: Template } | { readonly ok: false; readonly findings: readonly Finding[] };

export interface TemplateOptions {
  /** The types to check against; absent: a definition that was checked when it was accepted. */
  readonly scope?: TypeScope;
}

export function compileTemplate(source: Json, options: TemplateOptions = {}): TemplateResult {
  // Most of what a large plan says has no expression in it: that is found out without a copy of it.
  if (isPlain(source, MAX_TEMPLATE_DEPTH)) return { ok: true, template: new Compiled(fixedPart(source), NOTHING_READ) };
  const strings = new StringCompiler(options.scope);
  const part = compilePart(source, [], strings);
  const { findings, references } = strings;
  return findings.length > 0 ? { ok: false, findings } : { ok: true, template: new Compiled(part, references) };
}

class Compiled implements Template {
  readonly references: References;
  readonly #part: TemplatePart;

  constructor(part: TemplatePart, references: References) {
    this.#part = part;
    this.references = references;
  }

  get type(): JsonSchema {
    return schemaOfType(this.#part.type);
  }

  get isConstant(): boolean {
    const { inputs, steps, variables } = this.references;
    return inputs.length + steps.length + variables.length === 0;
  }

  evaluate(values: ExpressionValues): Evaluated<Json> {
    return evaluateSafely(values, this.#part.produce);
  }
}

const NOTHING_READ: References = { inputs: [], steps: [], measured: [], variables: [] };

function compilePart(source: Json, path: Path, strings: StringCompiler): TemplatePart {
  if (typeof source === "string") return strings.compile(source, path);
  if (source === null || typeof source !== "object") return fixedPart(source);
  if (path.length >= MAX_TEMPLATE_DEPTH) {
    const message = `nested deeper than ${MAX_TEMPLATE_DEPTH}`;
    strings.refuse({ path, text: "" }, { code: "too-deep", message, start: 0, end: 0 });
    return fixedPart(source);
  }
  return isJsonObject(source) ? compileObject(source, path, strings) : compileList(source, path, strings);
}

function compileList(source: readonly Json[], path: Path, strings: StringCompiler): TemplatePart {
  const parts = source.map((item, index) => compilePart(item, [...path, index], strings));
  if (parts.every((part) => part.isFixed)) {
    const isAsWritten = parts.every(({ value }, index) => value === source[index]);
    return fixedPart(isAsWritten ? source : parts.map(({ value }) => value));
  }
  return {
    isFixed: false,
    type: types.listOf(types.lazily(() => types.joinAll(parts.map(({ type }) => type)))),
    produce: (frame) => parts.map(({ produce }) => produce(frame)),
  };
}

function compileObject(source: Readonly<Record<string, Json>>, path: Path, strings: StringCompiler): TemplatePart {
  const entries = Object.entries(source).map(
    ([name, value]) => [name, compilePart(value, [...path, name], strings)] as const,
  );
  const fixed = entries.flatMap(([name, part]) => (part.isFixed ? [[name, part.value] as const] : []));
  if (fixed.length === entries.length) {
    const isAsWritten = fixed.every(([name, value]) => value === source[name]);
    return fixedPart(isAsWritten ? source : Object.fromEntries(fixed));
  }
  const fields = new Map(entries.map(([name, { type }]) => [name, { type: () => type, required: true }]));
  return {
    isFixed: false,
    type: { kind: "map", fields, closed: true },
    produce: (frame) => Object.fromEntries(entries.map(([name, { produce }]) => [name, produce(frame)])),
  };
}
