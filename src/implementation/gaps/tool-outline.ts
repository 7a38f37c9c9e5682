import { z } from "zod";
import type { Places } from "#src/implementation/checks/places.ts";
import { placeArguments } from "#src/implementation/checks/tool-check.ts";
import { codebaseOutline } from "#src/implementation/codebase/outline-shape.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// What was assessed, as a step beside the checks: of the same listing, so that it costs next to nothing.

export const OUTLINE_TOOL = "code.outline";

export function outlineTool(places: Places): Tool {
  return defineTool({
    name: OUTLINE_TOOL,
    version: "1.0.0",
    description:
      "Says in a few words what a codebase is made of: languages by size, manifests, tests and what runs them.",
    domains: ["implementation"],
    input: z.strictObject(placeArguments),
    output: codebaseOutline,
    sideEffects: "read",
    async run(around, context) {
      const { outlineOf } = await import("#src/implementation/codebase/outline.ts");
      const { survey } = await places.at(around, context);
      return outlineOf(survey.base, survey.files(), context.signal);
    },
  });
}
