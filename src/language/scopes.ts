import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";

// Scopes inside scopes: what stands inside a step reads its own names first, then those around it. A called plan is no
// such scope: it sees nothing of what calls it.

/** The same names, and these variables. */
export function withVariables(around: TypeScope, variables: Readonly<Record<string, JsonSchema>>): TypeScope {
  return within(around, { steps: {}, variables });
}

interface Inner {
  /** Schema of the output, by step id; may still grow. */
  readonly steps: Readonly<Record<string, JsonSchema>>;
  readonly variables: Readonly<Record<string, JsonSchema>>;
  /** Steps that go over lists. */
  readonly lists?: ReadonlySet<string>;
}

/** The names of a block within those of its surroundings. */
export function within(around: TypeScope, { steps, variables, lists = new Set() }: Inner): TypeScope {
  const own = typeScope({ inputs: {}, steps, variables });
  return {
    get inputs() {
      return around.inputs;
    },
    stepOutput: (id) => own.stepOutput(id) ?? around.stepOutput(id),
    stepErrors: (id) => (own.stepOutput(id) === undefined ? around.stepErrors?.(id) : errorsIn(lists, id)),
    variable: (name) => own.variable(name) ?? around.variable(name),
    stepIds: () => [...own.stepIds(), ...around.stepIds()],
    variableNames: () => [...own.variableNames(), ...around.variableNames()],
  };
}

/** The same names; these steps go over lists. */
export function withErrors(scope: TypeScope, lists: ReadonlySet<string>): TypeScope {
  return { ...scope, stepErrors: (id) => errorsIn(lists, id) };
}

function errorsIn(lists: ReadonlySet<string>, id: string): ExpressionType | undefined {
  return lists.has(id) ? typeOfSchema(ERRORS) : undefined;
}

/** What `steps.<id>.errors` gives: an entry for every item that failed. */
const ERRORS: JsonSchema = {
  type: "array",
  items: {
    type: "object",
    properties: {
      index: { type: "integer" },
      category: { type: "string" },
      code: { type: "string" },
      message: { type: "string" },
    },
    required: ["index", "category", "code", "message"],
    additionalProperties: false,
  },
};
