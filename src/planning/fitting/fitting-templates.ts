import type { JsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { saidParameters, type BoundParameters } from "#src/planning/fitting/said-parameters.ts";
import { exampleWords, requestWords, textWords, WordWeights } from "#src/planning/fitting/template-words.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

// Which plan templates a request could be done by, the best first, with why, and with what the request says of their parameters.
//
// F1. Templates are described by whoever wrote them, and requests are hostile: nothing of either is an instruction, and what is bound is
//     data (src/templates/filled.ts).
// F2. Pure and deterministic. Of several versions of a template the newest is held against the request.

export interface FittingTemplate extends BoundParameters {
  readonly template: WholeTemplate;
  /** 0 to 1. */
  readonly score: number;
  /** In plain words, the strongest first. */
  readonly reasons: readonly string[];
  /** What `instantiated` takes, where nothing is missing. */
  readonly parameters: JsonObject;
}

/** Below this, what is alike is chance. */
const LEAST_SCORE = 0.35;
const MAX_FITTING = 10;

export function fittingTemplates(templates: readonly WholeTemplate[], analysis: Analysis): readonly FittingTemplate[] {
  const plans = newest(templates.filter(({ kind }) => kind === "plan"));
  const weights = new WordWeights(plans);
  const request = requestWords(analysis);
  const near = plans
    .map((template) => ({ template, ...nearness(template, { request, analysis, weights }) }))
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((one, other) => other.score - one.score || (one.template.name < other.template.name ? -1 : 1));
  return near.slice(0, MAX_FITTING).map(({ template, score, reasons }) => {
    const bound = saidParameters(template, analysis);
    const told = bound.said.map(({ parameter, words, reason }) => `${parameter} is “${words}”: ${reason}`);
    const parameters = Object.fromEntries(bound.said.map(({ parameter, value }) => [parameter, value]));
    return { template, score, reasons: [...reasons, ...told], parameters, ...bound };
  });
}

/** Templates of a library come with the newest version first. */
function newest(templates: readonly WholeTemplate[]): readonly WholeTemplate[] {
  return templates.filter(({ name }, at) => templates.findIndex((other) => other.name === name) === at);
}

interface Around {
  readonly request: ReadonlySet<string>;
  readonly analysis: Analysis;
  readonly weights: WordWeights;
}

/** A description says more than a request asks for: of the request's words most should stand in it, but it proves less than an example. */
const TEXT_WORTH = 0.75;
const ACTION_WORTH = 0.1;

function nearness(
  template: WholeTemplate,
  { request, analysis, weights }: Around,
): Pick<FittingTemplate, "score" | "reasons"> {
  const examples = template.requests.map((example) => ({
    example,
    score: weights.likeness(request, exampleWords(example)),
  }));
  const best = examples.reduce((one, other) => (other.score > one.score ? other : one), { example: "", score: 0 });
  const text = TEXT_WORTH * weights.covered(request, textWords(template));
  const verb = analysis.intents.find(({ action }) =>
    template.actions.some((one) => actionOf(one.toLowerCase()) === action),
  );
  const alike = Math.max(best.score, text);
  const reasons = [
    ...(best.score >= text && best.score > 0 ? [`like its example “${best.example}”`] : []),
    ...(text > best.score ? ["its title and description say what is asked for"] : []),
    ...(verb === undefined ? [] : [`“${verb.verb}” asks for what it does`]),
  ];
  // A verb alone says little: "write" asks for many things.
  const score = alike === 0 ? 0 : Math.min(1, alike + (verb === undefined ? 0 : ACTION_WORTH));
  return { score, reasons };
}
