import type { RestOfPlan } from "#events/definition.ts";
import type { ErrorCategory } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import type { KnownAnswer } from "#projections/answers-view.ts";
import type { ToolReport } from "#projections/tool-statistics.ts";
import type { KeptConstraints } from "#src/planning/answering/decision.ts";
import type { Explanation } from "#src/planning/answering/explanation.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call, PastPlan } from "#src/planning/binding/source.ts";
import type { Reference } from "#src/planning/conversation/session.ts";
import type { KeptPlanner } from "#src/planning/drafting/kept-planner.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import type { Granted } from "#src/planning/validation/grounds.ts";
import type { TrainedKnowledge } from "#src/planning/request/trained-file.ts";
import type { WholeTemplate } from "#src/templates/template.ts";
import type { AnsweringModel } from "#src/planning/responding/answer-step.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// What planning is given, and what it comes to: the rest of a plan, a question, or why there is neither. A refusal is a value; the tool
// that plans makes a failed step of it.

export interface PlanningGrounds {
  readonly tools: ToolRegistry;
  readonly granted: Granted;
  /** How the tools have done so far. */
  readonly reports: readonly ToolReport[];
  readonly past: readonly PastPlan[];
  /** What calls gave before. Default: nothing is known. */
  readonly answers?: readonly KnownAnswer[];
  /** What was learned for the request before. Default: it is learned anew. */
  readonly kept?: KeptPlanner | undefined;
  /** A model of `planwright planner train`. Default: there is none. */
  readonly trained?: TrainedKnowledge | undefined;
  /** In ms since the epoch. */
  readonly now: number;
  /** Plans that somebody has written for requests of a kind. */
  readonly templates?: readonly WholeTemplate[];
  /** The language model that says at the end what the steps gave. Default: none does. */
  readonly answering?: AnsweringModel | undefined;
}

export interface Asked {
  readonly request: string;
  readonly context: JsonObject;
  /** Requests of before in the session. */
  readonly earlier: readonly JsonObject[];
  /** What was answered to questions, in their order. */
  readonly answers: readonly Json[];
  /** Which planning of this request it is, from 1. */
  readonly number: number;
}

/** The request as it stood, with what had been said before, and what it was planned to. */
interface Made {
  readonly text: string;
  readonly calls: readonly Call[];
}

export type Planned =
  | {
      readonly kind: "plan";
      readonly rest: RestOfPlan;
      readonly made: Made;
      /** What it keeps of each of the requests: a deadline, a budget, tools that it must not call. */
      readonly constraints: readonly KeptConstraints[];
      /** What was found in each of the requests, by which words, and what else was thought of. */
      readonly thoughts: readonly Explanation[];
      /** Requests in the text that nothing is done of. */
      readonly notDone?: readonly LeftRequest[];
      /** That the plan is of, and why. */
      readonly template?: UsedTemplate;
      readonly estimate: PlanEstimate;
    }
  /** Something that was given before. */
  | { readonly kind: "item"; readonly rest: RestOfPlan; readonly item: Reference }
  | { readonly kind: "question"; readonly rest: RestOfPlan; readonly questions: readonly Question[] }
  | PlanningRefusal;

export interface UsedTemplate {
  readonly name: string;
  readonly version: string;
  /** How well it fits, 0 to 1; 1 where an earlier request is repeated. */
  readonly score: number;
  readonly reasons: readonly string[];
}

/** Why nothing is done of a request, when something is of others. */
export interface LeftRequest {
  readonly request: string;
  readonly code: string;
  readonly message: string;
}

export interface PlanningRefusal {
  readonly kind: "refusal";
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
}
