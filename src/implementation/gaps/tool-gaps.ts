import { z } from "zod";
import { placeArguments } from "#src/implementation/checks/tool-check.ts";
import { GAPS_TOOL } from "#src/implementation/plan-names.ts";
import type { Places } from "#src/implementation/checks/places.ts";
import { codebaseOutline } from "#src/implementation/codebase/outline-shape.ts";
import { requirement, type Requirement } from "#src/implementation/requirements/requirement.ts";
import { withRepository } from "#src/tools/builtin/git-command.ts";
import { defineTool, ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import { answer, assessment, type Answer } from "./gap.ts";
import { rankedGaps } from "./ranked.ts";

// The last step of an assessment: what all answers say together.
// What was found out about the contents of files is kept here, once for all checks.

const MAX_REQUIREMENTS = 5_000;

/** As the engine tells of an item that failed. */
const failed = z.looseObject({ index: z.int().min(0), code: z.string(), message: z.string() });

export function gapsTool(places: Places): Tool {
  return defineTool({
    name: GAPS_TOOL,
    version: "1.0.0",
    description: "Ranks the requirements that are not met by weight, risk, effort and what they unblock.",
    domains: ["implementation"],
    input: z.strictObject({
      ...placeArguments,
      requirements: z.string().min(1).describe("their name"),
      capabilities: z.array(requirement).max(MAX_REQUIREMENTS),
      answers: z
        .array(answer.nullable())
        .max(MAX_REQUIREMENTS)
        .describe("one for each, in their order; null where asking failed"),
      errors: z.array(failed).default([]).describe("of those"),
      codebase: codebaseOutline.exactOptional().describe("what was assessed"),
    }),
    output: assessment,
    sideEffects: "read",
    async run({ requirements, capabilities, answers: given, errors, codebase, ...around }, context) {
      const answers = capabilities.map(
        (one, at) =>
          given[at] ??
          unanswered(
            one,
            errors.find(({ index }) => index === at),
          ),
      );
      const commit = await commitOf(around.directory, context);
      await places.ended(around, context);
      const gaps = [...rankedGaps(capabilities, answers)];
      const outline = codebase === undefined ? {} : { codebase };
      return { requirements, directory: around.directory, commit, ...outline, answers, gaps };
    },
  });
}

/** It could not even be asked. */
function unanswered({ id }: Requirement, error: z.output<typeof failed> | undefined): Answer {
  const { code = "check-failed", message = "it was not asked" } = error ?? {};
  return { requirement: id, verdict: "broken", code, evidence: [{ text: message }], durationMs: 0, cached: false };
}

/** Null without a repository, or without a commit. */
async function commitOf(directory: string, context: ToolContext): Promise<string | null> {
  try {
    return await withRepository(context, directory, async (git) =>
      (await git(["rev-parse", "--verify", "HEAD"])).trim(),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ToolFailure || (error instanceof Error && "syscall" in error)) return null;
    throw error;
  }
}
