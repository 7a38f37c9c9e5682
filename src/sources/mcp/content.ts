import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject, json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { boundedText } from "#src/tools/bounded-text.ts";
import { ToolFailure } from "#src/tools/define.ts";

// What a call of an MCP tool gives, as the output of a step. A tool with a schema of its own gives what that says. Any other gives its
// text, and all blocks as they came; all of it is data.

const MAX_BLOCKS = 1_000;
const MAX_FAILURE_BYTES = 4_096;

/** An answer as loose as it may be: what is in it is looked at block by block. */
export const callResult = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
export type CallResult = z.infer<typeof callResult>;

const optionalText = { type: "string" } as const;

/** Of a tool that says nothing about its output. */
export const CONTENT_SCHEMA: JsonSchema = {
  type: "object",
  required: ["text", "content"],
  additionalProperties: false,
  properties: {
    text: { type: "string", description: "all texts, one a line" },
    content: {
      type: "array",
      items: {
        type: "object",
        required: ["type"],
        properties: {
          type: { type: "string", description: "text, image, audio, resource, resource_link" },
          text: optionalText,
          data: { type: "string", description: "base64" },
          mimeType: optionalText,
          uri: optionalText,
          name: optionalText,
          description: optionalText,
        },
        additionalProperties: true,
      },
    },
    structured: { description: "what it gave beside that, as data" },
  },
};

/** Fails as the tool says that it failed, and with `output-mismatch` where there is nothing that it promised. */
export function outputOf(result: CallResult, hasSchema: boolean): Json {
  const content = result.content.map(blockOf);
  const text = content.flatMap((block) => (typeof block["text"] === "string" ? [block["text"]] : [])).join("\n");
  if (result.isError === true) throw toolError(text);
  if (content.length > MAX_BLOCKS) {
    const message = `${content.length} blocks of content, the limit is ${MAX_BLOCKS}`;
    throw new ToolFailure("resource-exhausted", message, { code: "output-too-large" });
  }
  const structured = result.structuredContent === undefined ? undefined : json.safeParse(result.structuredContent).data;
  if (!hasSchema) return { text, content, ...(structured === undefined ? {} : { structured }) };
  if (structured !== undefined) return structured;
  const message = "the tool has an output schema and gave no structured content";
  throw new ToolFailure("validation", message, { code: "output-mismatch" });
}

/** Its own words say why; whether trying again helps nobody knows. */
function toolError(text: string): ToolFailure {
  const message = text.trim() === "" ? "the tool failed without a word" : boundedText(text, MAX_FAILURE_BYTES);
  return new ToolFailure("unknown", message, { code: "mcp-tool-error" });
}

/** A resource that is embedded is laid flat: its text is the block's text. */
function blockOf(block: unknown): JsonObject {
  const given = json.safeParse(block).data;
  if (given === undefined || !isJsonObject(given)) return { type: "unknown" };
  const { resource, _meta: _, ...rest } = given;
  const type = typeof rest["type"] === "string" ? rest["type"] : "unknown";
  if (resource === undefined || !isJsonObject(resource)) return { ...rest, type };
  const { blob, _meta: __, ...embedded } = resource;
  return { ...rest, ...embedded, type, ...(typeof blob === "string" ? { data: blob } : {}) };
}
