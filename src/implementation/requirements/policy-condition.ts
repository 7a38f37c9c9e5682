import { compileCondition, type ConditionResult } from "#machines/expressions/condition.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { RISKS } from "#src/implementation/changes/change.ts";

// The condition of an approval policy: CEL over the one variable `change`, of which every member has its type. A file of requirements is
// held against it when it is read, and each change when changes are drafted.

const TEXT: JsonSchema = { type: "string" };
const NUMBER: JsonSchema = { type: "number" };

const CHANGE = {
  id: TEXT,
  gap: TEXT,
  risk: { type: "string", enum: [...RISKS] },
  cost: NUMBER,
  files: { type: "array", items: TEXT },
  irreversible: { type: "boolean" },
  weight: NUMBER,
  remedy: TEXT,
  priority: NUMBER,
  commands: NUMBER,
  size: NUMBER,
  difficulty: NUMBER,
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** What a policy may ask of a change. */
export type PolicyMember = keyof typeof CHANGE;

const SCOPE = typeScope({
  inputs: { type: "object", additionalProperties: false },
  steps: {},
  variables: {
    change: {
      type: "object",
      properties: CHANGE,
      required: Object.keys(CHANGE),
      additionalProperties: false,
    },
  },
});

export function policyCondition(text: string): ConditionResult {
  return compileCondition(text, { scope: SCOPE });
}
