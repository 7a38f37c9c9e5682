import type { JsonSchema } from "#machines/expressions/json-schema.ts";

const TEXT: JsonSchema = { type: "string" };

/** What an approve step gives when somebody has approved. */
export const APPROVED_OUTPUT: JsonSchema = {
  type: "object",
  properties: {
    approved: { type: "boolean" },
    hash: TEXT,
    by: TEXT,
    at: TEXT,
    note: TEXT,
  },
  required: ["approved", "hash", "by", "at"],
  additionalProperties: false,
};
