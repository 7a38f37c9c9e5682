import type { JsonSchema } from "#machines/expressions/json-schema.ts";

const TEXT: JsonSchema = { type: "string" };

/** One of those who approved. */
const APPROVER: JsonSchema = {
  type: "object",
  properties: { by: TEXT, at: TEXT, note: TEXT },
  required: ["by", "at"],
  additionalProperties: false,
};

/** What an approve step gives when somebody has approved. */
export const APPROVED_OUTPUT: JsonSchema = {
  type: "object",
  properties: {
    approved: { type: "boolean" },
    hash: TEXT,
    by: TEXT,
    at: TEXT,
    note: TEXT,
    approvals: { type: "array", items: APPROVER },
  },
  required: ["approved", "hash", "by", "at", "approvals"],
  additionalProperties: false,
};
