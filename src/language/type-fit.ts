import { assignable } from "#machines/expressions/assignable.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { Template } from "#machines/expressions/template.ts";
import type { CheckContext } from "./check-context.ts";
import { violationsOf } from "./json-schema-check.ts";
import { readTemplate } from "./templates.ts";
import type { TemplateAt } from "./templates.ts";

// Whether what a template gives can be what a schema asks for: a constant is checked as the value that it is (ranges,
// patterns, lengths included), anything else by its type.

/** `{}` as the schema: only the template itself is checked. */
export function checkFits(template: TemplateAt, schema: JsonSchema, context: CheckContext): Template | undefined {
  const compiled = readTemplate(template, context.report, context.scope);
  if (compiled === undefined) return undefined;
  if (compiled.isConstant) checkConstant(template, { compiled, schema }, context);
  else checkType(template, { compiled, schema }, context);
  return compiled;
}

interface Fit {
  readonly compiled: Template;
  readonly schema: JsonSchema;
}

function checkConstant({ path }: TemplateAt, { compiled, schema }: Fit, { report }: CheckContext): void {
  const result = compiled.evaluate({ inputs: {}, steps: () => undefined });
  if (!result.ok) {
    report.error([...path, ...result.error.path], { code: result.error.code, message: result.error.message });
    return;
  }
  for (const { path: inner, suggestion, code, message } of violationsOf(schema, result.value)) {
    const isKey = code === "unknown-property";
    report.error([...path, ...inner], { code, message, suggestion }, isKey ? { key: true } : {});
  }
}

function checkType({ path }: TemplateAt, { compiled, schema }: Fit, { report }: CheckContext): void {
  const fit = assignable(compiled.type, schema);
  if (fit.ok) return;
  const { code, message, suggestion } = fit;
  report.error([...path, ...fit.path], { code, message, suggestion }, code === "unknown-property" ? { key: true } : {});
}
