import { z } from "zod";
import { jsonObject } from "#events/json.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";
import { planKey } from "./change-names.ts";
import { repositoryArgument } from "./merge-tools.ts";

/** Says how a plan of changes goes on after a failure, or why it does not. */
export function replanTool(): Tool {
  return defineTool({
    name: "change.replan",
    version: "1.0.0",
    description:
      "Plans anew what of a plan of changes failed: a merge that did not go together, a change that has an alternative.",
    domains: ["implementation"],
    input: z.strictObject({
      repository: repositoryArgument,
      plan: planKey.exactOptional(),
      failure: z.unknown().describe("as the engine tells it: the plan, what became of its steps, what they gave"),
    }),
    output: z.looseObject({ rest: z.record(z.string(), z.unknown()), changes: z.array(z.string()) }),
    sideEffects: "read",
    async run({ failure }) {
      const { changeRest } = await import("./change-rest.ts");
      const result = changeRest(failure);
      if (result.kind === "plan") return { rest: jsonObject.parse(result.rest), changes: [...result.changes] };
      throw new ToolFailure("not-found", result.reason, { code: "nothing-else" });
    },
  });
}
