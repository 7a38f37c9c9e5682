import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import {
  ASSESSMENT_OUTPUT,
  ASSESSMENT_SOURCE,
  assessmentInputs,
  type AssessmentAsked,
} from "#src/implementation/gaps/assessment-plan.ts";
import type { Assessment } from "#src/implementation/gaps/gap.ts";
import { DRAFT_TOOL, DRAFTING_PLAN } from "#src/implementation/plan-names.ts";

// Drafting as a plan: an assessment, or one that is given, and a step that drafts.
// What comes out is data: whether the plan in it is started is for whoever asked.

/** Of the plan's outputs. */
export const DRAFTING_OUTPUT = "drafted";

export interface DraftingAsked {
  readonly file: RequirementsFile;
  /** What is assessed, or what was found. */
  readonly about: Omit<AssessmentAsked, "file"> | Assessment;
  readonly key: string;
  readonly slots: number;
  readonly only?: readonly string[] | undefined;
  readonly max?: number | undefined;
  readonly model?: string | undefined;
}

export interface StartedPlan {
  readonly source: JsonObject;
  readonly inputs: JsonObject;
}

export function draftingPlan({ file, about, key, slots, only, max, model }: DraftingAsked): StartedPlan {
  const settings = json.parse({
    ...{ key, slots },
    ...(only === undefined ? {} : { only: [...only] }),
    ...(max === undefined ? {} : { max }),
    ...(model === undefined ? {} : { model }),
  });
  const assessed = "answers" in about ? given(about) : assessing({ ...about, file });
  const asked = { file: json.parse(JSON.parse(JSON.stringify(file))), settings };
  return {
    source: {
      plan: DRAFTING_PLAN,
      inputs: {
        ...objectOf(assessed.source.inputs),
        file: { type: "object", description: "The file of requirements." },
        settings: { type: "object", description: "What is drafted, and for which key." },
      },
      steps: {
        ...objectOf(assessed.source.steps),
        draft: {
          description: "drafts changes that close the gaps",
          tool: DRAFT_TOOL,
          with: { assessment: assessed.found, requirements: "${inputs.file}", ...wordsOf({ only, max, model }) },
        },
      },
      outputs: { [ASSESSMENT_OUTPUT]: assessed.found, [DRAFTING_OUTPUT]: "${steps.draft.output}" },
      respond: "${steps.draft.output.draft.changes.size()} changes are drafted.",
    },
    inputs: { ...assessed.inputs, ...asked },
  };
}

/** Arguments that are not said are left out: a tool that is given null for a word would refuse it. */
function wordsOf(optional: Readonly<Record<string, unknown>>): JsonObject {
  const said = Object.keys(optional).filter((name) => optional[name] !== undefined);
  return Object.fromEntries(["key", "slots", ...said].map((name) => [name, `\${inputs.settings.${name}}`]));
}

interface Assessed extends StartedPlan {
  /** The expression that gives it. */
  readonly found: string;
}

function assessing(asked: AssessmentAsked): Assessed {
  return { source: ASSESSMENT_SOURCE, inputs: assessmentInputs(asked), found: "${steps.gaps.output}" };
}

function given(found: Assessment): Assessed {
  const inputs = { found: { type: "object", description: "What an assessment found." } };
  return { source: { inputs, steps: {} }, inputs: { found: json.parse(found) }, found: "${inputs.found}" };
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}
