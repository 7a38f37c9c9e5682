import type { Tool } from "#src/tools/define.ts";
import { traitsOf, type ToolTraits } from "#src/tools/traits.ts";

type Shown = "name" | "version" | "description" | "sideEffects" | "idempotent" | "inputSchema" | "outputSchema";

/** A tool as data, as every door shows it. */
export interface ToolView extends Pick<Tool, Shown>, ToolTraits {
  /** `thread` or `process`; without it the loop of the executor. */
  readonly isolate?: "thread" | "process";
  /** Whoever runs it, where that is not this program: `mcp files`. */
  readonly source?: string;
}

export function toolView(tool: Tool): ToolView {
  const { name, version, description, sideEffects, idempotent, isolate, source, inputSchema, outputSchema } = tool;
  return {
    name,
    version,
    description,
    sideEffects,
    idempotent,
    ...(isolate === undefined ? {} : { isolate }),
    ...(source === undefined ? {} : { source }),
    ...traitsOf(tool),
    inputSchema,
    outputSchema,
  };
}
