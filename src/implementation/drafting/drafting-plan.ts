import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import {
  ASSESSMENT_OUTPUT,
  ASSESSMENT_SOURCE,
  assessmentInputs,
  type AssessmentAsked,
} from "#src/implementation/gaps/assessment-plan.ts";
import type { Assessment } from "#src/implementation/gaps/gap.ts";
import { CONTEXT_TOOL } from "#src/implementation/codebase/code-context.ts";
import { DRAFT_TOOL, DRAFTING_PLAN } from "#src/implementation/plan-names.ts";
import { withTheirNeeds } from "./wanted-part.ts";

// Drafting as a plan: an assessment, or one that is given, and a step that drafts; before it, where a language model may be asked, one that
// summarises the codebase for it.
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
  const asking = model === undefined ? undefined : askingOf(file, only);
  const settings = json.parse({
    ...{ key, slots },
    ...(asking === undefined ? {} : { asking }),
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
        ...(asking === undefined ? {} : { [CONTEXT_STEP]: contextStep(assessed.found) }),
        draft: {
          description: "drafts changes that close the gaps",
          tool: DRAFT_TOOL,
          with: {
            ...{ assessment: assessed.found, requirements: "${inputs.file}", ...wordsOf({ only, max, model }) },
            ...(asking === undefined ? {} : { context: `\${steps.${CONTEXT_STEP}.output}` }),
          },
        },
      },
      outputs: { [ASSESSMENT_OUTPUT]: assessed.found, [DRAFTING_OUTPUT]: "${steps.draft.output}" },
      respond: "${steps.draft.output.draft.changes.size()} changes are drafted.",
    },
    inputs: { ...assessed.inputs, ...asked },
  };
}

const CONTEXT_STEP = "context";

/**
 * A list of one summary, or of none where no gap is to be asked of a model: it reads every file, which would be for nothing. One that fails is
 * null: a model knows less then, and is asked all the same.
 */
function contextStep(found: string): JsonObject {
  const assessment = found.slice(2, -1);
  const asks = `${assessment}.gaps.exists(gap, gap.requirement.id in inputs.settings.asking)`;
  return {
    description: "summarises the codebase for a language model",
    each: `\${${asks} ? [${assessment}.directory] : []}`,
    as: "place",
    tolerate: "100%",
    do: { tool: CONTEXT_TOOL, with: { directory: "${place}" } },
  };
}

/** Ids of the wanted requirements whose best remedy asks. Where a better one is there and does not fit, a model is asked without a summary. */
function askingOf(file: RequirementsFile, only: readonly string[] | undefined): string[] {
  const wanted = only === undefined ? undefined : withTheirNeeds(only, file);
  const asking = file.capabilities.filter(({ remedies: [best] }) => best?.ask !== undefined);
  return asking.flatMap(({ id }) => (wanted?.has(id) === false ? [] : [id]));
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
