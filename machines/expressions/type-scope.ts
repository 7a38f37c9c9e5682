import { ANY_MAP } from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// The names that an expression may use, with their types: `inputs.<name>`, `steps.<id>.output`, and variables by name.
// A scope costs nothing to make: a schema is converted when the first expression asks for it, then kept.

export interface ScopeSchemas {
  /** Of the object that holds all inputs. */
  readonly inputs: JsonSchema;
  /** Schema of the output, by step id. */
  readonly steps: Readonly<Record<string, JsonSchema>>;
  readonly variables?: Readonly<Record<string, JsonSchema>>;
}

export interface TypeScope {
  readonly inputs: ExpressionType;
  /** Undefined: there is no such step. */
  stepOutput(id: string): ExpressionType | undefined;
  /** Of a step that goes over a list; undefined for another. Without the function, any step may have some. */
  stepErrors?(id: string): ExpressionType | undefined;
  variable(name: string): ExpressionType | undefined;
  /** For suggestions. */
  stepIds(): readonly string[];
  variableNames(): readonly string[];
}

export function typeScope(schemas: ScopeSchemas): TypeScope {
  const outputs = new Map<string, ExpressionType>();
  const variables = new Map<string, ExpressionType>();
  let inputs: ExpressionType | undefined;
  return {
    get inputs() {
      return (inputs ??= typeOfInputs(schemas.inputs));
    },
    stepOutput: (id) => lookUp(schemas.steps, id, outputs),
    variable: (name) => lookUp(schemas.variables ?? {}, name, variables),
    stepIds: () => Object.keys(schemas.steps),
    variableNames: () => Object.keys(schemas.variables ?? {}),
  };
}

/** Inputs are always an object, even where nothing is said about them. */
function typeOfInputs(schema: JsonSchema): ExpressionType {
  const type = typeOfSchema(schema);
  return type.kind === "dyn" ? ANY_MAP : type;
}

function lookUp(
  schemas: Readonly<Record<string, JsonSchema>>,
  name: string,
  known: Map<string, ExpressionType>,
): ExpressionType | undefined {
  const type = known.get(name);
  if (type !== undefined) return type;
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema === undefined) return undefined;
  const converted = typeOfSchema(schema);
  known.set(name, converted);
  return converted;
}
