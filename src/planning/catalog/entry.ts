import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { fieldsOf, type Field } from "#src/planning/catalog/fields.ts";
import { meaningOf, type Meaning } from "#src/planning/catalog/meaning.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { ToolTraits } from "#src/tools/traits.ts";

// One tool as the planner knows it, wherever it comes from: a module of tools, a server, an OpenAPI document. What a source says is
// believed for finding tools and binding arguments; what a tool may do is decided where it runs.

/** As a source describes it. */
export interface ToolDescription extends ToolTraits {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly sideEffects: "read" | "write" | "irreversible";
  /** How it has done so far; undefined before its first attempt has ended. */
  readonly observed?: Observed;
}

/** What the views know of a tool's attempts. */
export interface Observed {
  /** Attempts that have ended by themselves. */
  readonly runs: number;
  /** Share of them that succeeded, 0 to 1. */
  readonly successRate: number;
  /** Of successes; undefined before the first. */
  readonly durationMs?: { readonly p50: number; readonly p90: number };
}

/** A field with what it means. */
export interface MeantField extends Field {
  readonly meaning: Meaning;
}

export interface CatalogEntry extends ToolDescription {
  /** Of the name, in lower case. */
  readonly nameWords: readonly string[];
  /** Arguments, with those inside of others. */
  readonly parameters: readonly MeantField[];
  /** What it gives, with what is inside; the first is the output itself. */
  readonly outputs: readonly MeantField[];
}

export function catalogEntry(tool: ToolDescription): CatalogEntry {
  const meant = (schema: JsonSchema): readonly MeantField[] =>
    fieldsOf(schema).map((field) => ({ ...field, meaning: meaningOf(field) }));
  return {
    ...tool,
    nameWords: nameWords(tool.name),
    parameters: meant(tool.inputSchema).filter(({ path }) => path.length > 0),
    outputs: meant(tool.outputSchema),
  };
}
