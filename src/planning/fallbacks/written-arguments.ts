import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";

/** The arguments of a step as it is written. */
export function argumentsOf(step: JsonObject): JsonObject {
  return isJsonObject(step["with"]) ? step["with"] : {};
}

/** The value of a template that reads nothing; undefined where it reads something, or has no value. */
export function constantOf(template: Json): Json | undefined {
  const compiled = compileTemplate(template);
  if (!compiled.ok || !compiled.template.isConstant) return undefined;
  const result = compiled.template.evaluate({ inputs: {}, steps: () => undefined });
  return result.ok ? result.value : undefined;
}
