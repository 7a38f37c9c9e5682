import { z } from "zod";
import { contentHash } from "#events/canonical.ts";
import { json, type Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { SchemaCheck } from "#src/sources/schema-check.ts";
import { defineTool, ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";

// A tool that somebody else describes by JSON Schemas: checked against those, not against a type.
//
// T1. Arguments that do not fit never leave this process. An output that does not fit is a failure of whoever gave it.
// T2. The version of the tool is that of its source with a hash of what it takes, gives and does. A call that was checked against
//     another hash does not run: the text of the version tells.

export interface SchemaToolDefinition {
  /** As plans write it. */
  readonly name: string;
  readonly source: string;
  /** Whatever the source says is its version. */
  readonly sourceVersion: string;
  /** What the source calls the tool. */
  readonly theirName: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly sideEffects: "read" | "write" | "irreversible";
  readonly idempotent?: boolean;
  readonly timeoutMs?: number;
  /** Of arguments that fit. What it gives is checked afterwards. */
  readonly run: (args: Arguments, context: ToolContext) => Promise<Json>;
}

/** JSON, as a step resolved it. */
export type Arguments = Readonly<Record<string, unknown>>;

const HASH_DIGITS = 12;

export function schemaTool(definition: SchemaToolDefinition): Tool {
  const { name, source, description, inputSchema, outputSchema, sideEffects, timeoutMs } = definition;
  const idempotent = definition.idempotent ?? sideEffects === "read";
  const meant = [definition.theirName, inputSchema, outputSchema, sideEffects, idempotent];
  const hash = contentHash(json.parse(meant)).slice(0, HASH_DIGITS);
  const given = new SchemaCheck(outputSchema);
  const tool = defineTool({
    ...{ name, description, sideEffects, idempotent },
    version: `${semanticVersion(definition.sourceVersion)}-schema.${hash}`,
    input: fitting(inputSchema),
    output: z.unknown(),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    async run(args, context) {
      const output = await definition.run(args, context);
      const violation = given.violation(output);
      if (violation === undefined) return output;
      const where = violation.path.length === 0 ? "" : ` at ${violation.path.join(".")}`;
      const message = `${name}: ${source} gave what its own schema forbids${where}: ${violation.message}`;
      throw new ToolFailure("validation", message, { code: "output-mismatch" });
    },
  });
  // The keyword `secret` of a foreign schema marks nothing: no secret of a plan goes there.
  const accepts = (version: string): boolean => version.endsWith(`-schema.${hash}`);
  return Object.freeze({ ...tool, inputSchema, outputSchema, secretPaths: [], source, accepts });
}

/** As zod sees it: one check, with the place of what is wrong. */
function fitting(schema: JsonSchema): z.ZodType<Arguments> {
  const check = new SchemaCheck(schema);
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const violation = check.violation(value);
    if (violation !== undefined) {
      context.addIssue({ code: "custom", message: violation.message, path: [...violation.path] });
    }
  });
}

/** The first version in a text that anybody may have written; 0.0.0 where there is none. */
function semanticVersion(text: string): string {
  const [, major = "0", minor = "0", patch = "0"] = /(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?/.exec(text) ?? [];
  return [major, minor, patch].map(Number).join(".");
}
