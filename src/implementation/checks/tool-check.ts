import { z } from "zod";
import { answer } from "#src/implementation/gaps/gap.ts";
import { pathArgument } from "#src/tools/builtin/root.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { check } from "./check.ts";
import type { Places } from "./places.ts";

// A requirement's check as a step: retried, timed and recorded like any other. Whatever it finds is its output; it fails only where the
// machine does.

/** For all its runs: each of them has the end that its check says. */
const TIMEOUT_MS = 24 * 60 * 60 * 1000;

export const CHECK_TOOL = "requirement.check";

/** Of whatever is asked about a directory. */
export const placeArguments = {
  directory: pathArgument.default(".").describe("that is assessed, inside the root"),
  assessment: z.string().max(200).exactOptional().describe("steps that name the same share what they look at"),
  cache: z.boolean().default(true).describe("whether what was answered of the same contents counts"),
};

export function checkTool(places: Places): Tool {
  return defineTool({
    name: CHECK_TOOL,
    version: "1.0.0",
    description: "Asks whether a requirement is met in a directory: yes, no or broken, with evidence.",
    domains: ["implementation"],
    input: z.strictObject({ ...placeArguments, requirement: z.string().min(1).max(200), check }),
    output: answer,
    sideEffects: "read",
    timeoutMs: TIMEOUT_MS,
    async run({ requirement, check: asked, ...around }, context) {
      const { askCheck } = await import("./ask-check.ts");
      const place = await places.at(around, context);
      const found = await askCheck(asked, place);
      if (around.assessment === undefined) await place.survey.save();
      return { requirement, ...found };
    },
  });
}
