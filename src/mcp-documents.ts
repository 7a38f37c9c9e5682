import { readFile } from "node:fs/promises";
import path from "node:path";
import { planJsonSchema } from "#src/language/plan-schema.ts";
import type { McpDocument } from "#src/mcp/documents.ts";
import { packageFolder } from "#src/ports/system/package-version.ts";

const MARKDOWN = "text/markdown";

/** What an agent reads to write plans: the pages of docs/ that are about plans, and their schema. */
export const MCP_DOCUMENTS: readonly McpDocument[] = [
  {
    ...{ uri: "planwright://plan-language", name: "plan-language", title: "The language of plans", mimeType: MARKDOWN },
    description:
      "How a plan is written: steps, needs, inputs, retries, fallbacks, approvals. Read it before you write one.",
    read: () => page("plan-language.md"),
  },
  {
    ...{ uri: "planwright://plan-reference", name: "plan-reference", title: "Every word of plans", mimeType: MARKDOWN },
    description: "The reference: every word that can stand in a plan, with its type, default and bounds.",
    read: () => page("plan-reference.md"),
  },
  {
    ...{ uri: "planwright://expressions", name: "expressions", title: "Expressions in plans", mimeType: MARKDOWN },
    description: "Templates and conditions: how a step refers to inputs and outputs, and what can be computed.",
    read: () => page("expressions.md"),
  },
  {
    ...{ uri: "planwright://plan-schema", name: "plan-schema", title: "The JSON Schema of plans" },
    mimeType: "application/schema+json",
    description: "The JSON Schema that a plan fits.",
    read: async () => JSON.stringify(planJsonSchema()),
  },
];

function page(name: string): Promise<string> {
  return readFile(path.join(packageFolder(), "docs", name), "utf8");
}
