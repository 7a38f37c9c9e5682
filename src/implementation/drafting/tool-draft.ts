import { z } from "zod";
import { json } from "#events/json.ts";
import { assessment as assessmentSchema, type Assessment } from "#src/implementation/gaps/gap.ts";
import { requirementsFile } from "#src/implementation/requirements/requirement.ts";
import type { UsedModel } from "#src/model/tool-asking.ts";
import { findIn } from "#src/templates/find-template.ts";
import type { WholeTemplate } from "#src/templates/template.ts";
import { DRAFT_TOOL } from "#src/implementation/plan-names.ts";
import { defineTool, ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { Proposals } from "./proposed-remedies.ts";
import { shownDraft } from "./shown-draft.ts";

// Drafting as a tool: retried, timed and recorded like any other. What comes out is data, and starts nothing: whoever runs the step decides
// whether the plan in its output is submitted.
//
// T1. What drafting needs is loaded when the first draft is made.
// T2. A plan that comes out has passed the check and the validation of every plan.

export interface DraftingOptions {
  /** Asked when it drafts: sources of tools change. */
  readonly tools: () => ToolRegistry;
  /** Asked when it drafts: files change. */
  readonly templates?: (() => readonly WholeTemplate[]) | undefined;
  /** By the names of the configuration. Throws a ToolFailure `model-not-configured`. Default: there is none. */
  readonly models?: ((name?: string) => UsedModel) | undefined;
}

const TIMEOUT_MS = 60 * 60 * 1000;
const MAX_NAMES = 5_000;
const MAX_SLOTS = 10_000;
const DEFAULT_SLOTS = 8;

const drafting = z.strictObject({
  assessment: assessmentSchema,
  requirements: requirementsFile,
  key: z
    .string()
    .regex(/^[a-z0-9]{1,40}$/u)
    .describe("of the branches and refs of the plan; of this plan alone"),
  only: z
    .array(z.string())
    .max(MAX_NAMES)
    .exactOptional()
    .describe("ids of requirements; what they need comes with them"),
  max: z.int().min(1).max(MAX_NAMES).exactOptional().describe("changes at most"),
  model: z.string().min(1).max(200).exactOptional().describe("the model that is asked for remedies (default: none)"),
  slots: z.int().min(1).max(MAX_SLOTS).default(DEFAULT_SLOTS).describe("attempts that run at once, for the estimate"),
  context: z.array(z.unknown()).default([]).describe("what is known of the codebase, for a model; null is nothing"),
});
type Drafting = z.output<typeof drafting>;

export function draftTool(options: DraftingOptions): Tool {
  return defineTool({
    name: DRAFT_TOOL,
    version: "1.0.0",
    description:
      "Drafts changes that close the gaps of an assessment, as a plan with approvals, and what they are expected to take.",
    domains: ["implementation"],
    input: drafting,
    output: z.object({
      key: z.string(),
      plan: z
        .record(z.string(), z.unknown())
        .nullable()
        .describe("in the language of plans; null where there is nothing to do"),
      draft: shownDraft,
    }),
    sideEffects: "read",
    timeoutMs: TIMEOUT_MS,
    async run(asked, context) {
      const [{ drafted }, { plannedChanges }, { shownOf }, { readyChecks, askedAtTheEnd }] = await Promise.all([
        import("./drafted.ts"),
        import("./planned-changes.ts"),
        import("./shown-draft.ts"),
        import("./drafting-words.ts"),
      ]);
      const { key, slots, only, max, assessment, requirements: file } = asked;
      const find = finder(options);
      const proposal = await proposalsFor(asked, options, context);
      const history = (await context.history?.finishedChanges()) ?? [];
      context.signal.throwIfAborted();
      const sources = { find, ...(proposal === undefined ? {} : { proposal }) };
      const made = drafted({ assessment, file, sources, history, only, max });
      if (!made.ok)
        throw refused(
          "policy-unfit",
          made.problems.map(({ policy, reason }) => `${policy}: ${reason}`),
        );
      const { draft } = made;
      const around = { tools: options.tools(), slots, key, repository: assessment.directory };
      const checks = readyChecks(draft, assessment, file);
      const result = plannedChanges(draft, { ...around, checks, asked: askedAtTheEnd(draft, assessment, file) });
      if (!result.ok)
        throw refused(
          "changes-unplannable",
          result.findings.map(({ message }) => message),
        );
      const { planned } = result;
      const plan = planned === undefined ? null : { ...planned.source };
      return { key, plan, draft: shownOf(draft, planned?.totals) };
    },
  });
}

const MAX_TOLD = 10;

function refused(code: string, problems: readonly string[]): ToolFailure {
  const more = problems.length - MAX_TOLD;
  const told = [...problems.slice(0, MAX_TOLD), ...(more > 0 ? [`and ${more} more`] : [])];
  return new ToolFailure("validation", told.join("; "), { code });
}

function finder({ templates = () => [] }: DraftingOptions) {
  let known: readonly WholeTemplate[] | undefined;
  return (reference: string) => findIn((known ??= templates()), reference);
}

/** Undefined where no model is asked. */
async function proposalsFor(
  { assessment, requirements, model, only, context }: Drafting,
  options: DraftingOptions,
  around: ToolContext,
): Promise<Proposals | undefined> {
  if (model === undefined) return undefined;
  if (options.models === undefined) {
    throw new ToolFailure("not-found", `no model is called ${JSON.stringify(model)} here`, {
      code: "model-not-configured",
    });
  }
  const [{ proposedRemedies }, { TellableFiles }, { toolAsking }, { TokenFeed }, { withTheirNeeds }] =
    await Promise.all([
      import("./proposed-remedies.ts"),
      import("./tellable-files.ts"),
      import("#src/model/tool-asking.ts"),
      import("#src/model/token-feed.ts"),
      import("./wanted-part.ts"),
    ]);
  const used = options.models(model);
  using feed = new TokenFeed(around.clock, around.progress);
  const questions = Math.max(1, askingRemedies(assessment));
  const files = new TellableFiles(assessment.directory, around);
  const limits = { ...used.limits, maxTries: used.limits.maxTries * questions };
  return await proposedRemedies(assessment, {
    ...{ asking: toolAsking({ ...used, limits }, around, feed), model, find: finder(options) },
    context: context.flatMap((one) => (one === null ? [] : [json.parse(one)])),
    read: (path) => files.read(path),
    only: only === undefined ? undefined : withTheirNeeds(only, requirements),
  });
}

function askingRemedies({ gaps }: Assessment): number {
  return gaps.reduce((sum, gap) => sum + gap.requirement.remedies.filter(({ ask }) => ask !== undefined).length, 0);
}
