import { z } from "zod";
import { jsonObject } from "#events/json.ts";

// Plans as they come through a door, and what is wrong with them: a text or a value, and findings with their places in it.
// The language itself is checked by src/language, not here.

const text = {
  source: z
    .union([z.string(), jsonObject])
    .describe("the plan in its language: a YAML or JSON text, or the value that such a text stands for"),
  file: z.string().max(4_096).optional().describe("what findings call the text"),
  format: z.enum(["yaml", "json"]).optional().describe("of a text; by default as the ending of `file` says, else YAML"),
};

export const source = {
  ...text,
  plans: z.array(z.strictObject(text)).readonly().optional().describe("plans that steps call"),
};

const complaint = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).readonly(),
  suggestion: z.string().exactOptional().describe("what was most likely meant"),
});

/** At a place of a text, or, of inputs, at a path alone. */
export const finding = z.union([
  complaint.extend({
    file: z.string(),
    line: z.int().describe("from 1"),
    column: z.int().describe("from 1, in UTF-16 code units"),
    caret: z.string().describe("the line of the text, and a mark below the place"),
  }),
  complaint,
]);
