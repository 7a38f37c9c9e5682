import { json, type JsonObject } from "#events/json.ts";
import { CHECK_TOOL } from "#src/implementation/checks/tool-check.ts";
import { OUTLINE_TOOL } from "#src/implementation/gaps/tool-outline.ts";
import { ASSESSMENT_PLAN, GAPS_TOOL } from "#src/implementation/plan-names.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";

// An assessment as a plan: a step for each requirement, side by side, beside them one that says what is assessed, and one that says what they
// come to.
// A check that cannot even be asked does not keep the others from being told.

/** Of the plan's outputs. */
export const ASSESSMENT_OUTPUT = "assessment";

const AT_ONCE = 8;

const PLACE: JsonObject = {
  directory: "${inputs.directory}",
  assessment: "${inputs.assessment}",
  cache: "${inputs.cache}",
};

/** The plan in its language. */
export const ASSESSMENT_SOURCE: JsonObject = {
  plan: ASSESSMENT_PLAN,
  inputs: {
    directory: { type: "string", description: "What is assessed, inside the root." },
    assessment: { type: "string", description: "Steps that name the same share what they look at." },
    cache: { type: "boolean", default: true, description: "Whether what was answered of the same contents counts." },
    requirements: { type: "string", description: "The name of the requirements." },
    capabilities: {
      type: "array",
      items: { type: "object" },
      description: "The requirements, as their file has them.",
    },
  },
  steps: {
    checks: {
      description: "asks whether each requirement is met",
      each: "${inputs.capabilities}",
      as: "wanted",
      concurrency: AT_ONCE,
      tolerate: "100%",
      do: { tool: CHECK_TOOL, with: { ...PLACE, requirement: "${wanted.id}", check: "${wanted.check}" } },
    },
    codebase: { description: "says what is assessed", tool: OUTLINE_TOOL, with: PLACE },
    gaps: {
      description: "ranks what is not met",
      tool: GAPS_TOOL,
      with: {
        ...PLACE,
        requirements: "${inputs.requirements}",
        capabilities: "${inputs.capabilities}",
        answers: "${steps.checks.output}",
        errors: "${steps.checks.errors}",
        codebase: "${steps.codebase.output}",
      },
    },
  },
  outputs: { [ASSESSMENT_OUTPUT]: "${steps.gaps.output}" },
  respond:
    '${steps.gaps.output.answers.filter(a, a.verdict == "met").size()} of ${steps.gaps.output.answers.size()} requirements are met.',
};

export interface AssessmentAsked {
  readonly file: RequirementsFile;
  /** From the root. */
  readonly directory: string;
  /** Of this run alone. */
  readonly assessment: string;
  readonly cache: boolean;
}

/** What the plan is started with. */
export function assessmentInputs({ file, ...asked }: AssessmentAsked): JsonObject {
  const capabilities = json.parse(JSON.parse(JSON.stringify(file.capabilities)));
  return { ...asked, requirements: file.requirements, capabilities };
}
