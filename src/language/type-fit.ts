import type { Json } from "#events/json.ts";
import { assignable } from "#machines/expressions/assignable.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { Template } from "#machines/expressions/template.ts";
import type { CheckContext } from "./check-context.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { readTemplate } from "./templates.ts";
import type { TemplateAt } from "./templates.ts";

// Whether what a template gives can be what a schema asks for: a constant is checked as the value that it is (ranges,
// patterns, lengths included), anything else by its type.

export interface Fit {
  /** Written out when it is asked for: of an argument nobody does. */
  readonly type: JsonSchema;
  /** The value, where it is known and right. */
  readonly constant?: Json;
}

/** `{}` as the schema: only the template itself is checked. Undefined when it cannot be read. */
export function checkFits(template: TemplateAt, schema: JsonSchema, context: CheckContext): Fit | undefined {
  const compiled = readTemplate(template, context.report, context.scope);
  if (compiled === undefined) return undefined;
  if (compiled.isConstant) return checkConstant(template, { compiled, schema }, context);
  const { type } = compiled;
  const fit = assignable(type, schema);
  if (!fit.ok) {
    const { code, message, suggestion } = fit;
    context.report.error([...template.path, ...fit.path], { code, message, suggestion }, spotOf(code));
  }
  return { type };
}

function checkConstant(
  { path }: TemplateAt,
  { compiled, schema }: { compiled: Template; schema: JsonSchema },
  { report }: CheckContext,
): Fit {
  const result = compiled.evaluate({ inputs: {}, steps: () => undefined });
  if (!result.ok) {
    report.error([...path, ...result.error.path], { code: result.error.code, message: result.error.message });
    return new ConstantFit(compiled);
  }
  const violations = violationsOf(schema, result.value);
  for (const { path: inner, suggestion, code, message } of violations) {
    report.error([...path, ...inner], { code, message, suggestion }, spotOf(code));
  }
  return new ConstantFit(compiled, violations.length > 0 ? undefined : result.value);
}

class ConstantFit implements Fit {
  readonly constant?: Json;
  readonly #compiled: Template;

  constructor(compiled: Template, constant?: Json) {
    this.#compiled = compiled;
    if (constant !== undefined) this.constant = constant;
  }

  get type(): JsonSchema {
    return this.#compiled.type;
  }
}

function spotOf(code: string): { key?: boolean } {
  return code === "unknown-property" ? { key: true } : {};
}
