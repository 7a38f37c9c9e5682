import type { ExpressionType, MapType, SimpleKind } from "#machines/expressions/expression-type.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { KnownResults } from "#machines/expressions/known-results.ts";

// A type written as JSON Schema again, references expanded. A recursive type is cut off with `{}` (anything) where the
// limits below end.

const MAX_SCHEMAS = 500;
const MAX_DEPTH = 12;

export function schemaOfType(type: ExpressionType): JsonSchema {
  return SCHEMAS.get(type, () => write(type, { schemasLeft: MAX_SCHEMAS }, 0));
}

/** The same type has the same schema, the very same: what is read of it again is read once. */
const SCHEMAS = new KnownResults<ExpressionType, JsonSchema>();

interface Budget {
  schemasLeft: number;
}

function write(type: ExpressionType, budget: Budget, depth: number): JsonSchema {
  budget.schemasLeft -= 1;
  if (budget.schemasLeft < 0 || depth > MAX_DEPTH) return {};
  if (type.kind === "string")
    return type.values === undefined ? { type: "string" } : { type: "string", enum: type.values };
  if (type.kind === "double") return { type: type.integral ? "integer" : "number" };
  if (type.kind === "list") return { type: "array", items: write(type.element(), budget, depth + 1) };
  if (type.kind === "map") return writeMap(type, budget, depth);
  if (type.kind === "union") return { anyOf: type.members.map((member) => write(member, budget, depth + 1)) };
  return simpleSchemas[type.kind];
}

const simpleSchemas: Readonly<Record<SimpleKind, JsonSchema>> = {
  dyn: {},
  never: {},
  null: { type: "null" },
  bool: { type: "boolean" },
  int: { type: "integer" },
  timestamp: { type: "string", format: "date-time" },
  duration: { type: "string" },
};

function writeMap(type: MapType, budget: Budget, depth: number): JsonSchema {
  if (type.fields.size > budget.schemasLeft) return { type: "object" };
  const fields = [...type.fields];
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(([name, field]) => [name, write(field.type(), budget, depth + 1)])),
    required: fields.filter(([, field]) => field.required).map(([name]) => name),
    ...(type.closed ? { additionalProperties: false } : {}),
    ...(type.rest === undefined ? {} : { additionalProperties: write(type.rest(), budget, depth + 1) }),
  };
}
