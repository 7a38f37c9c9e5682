import type { Json } from "#events/json.ts";
import { pathText, type Complaint } from "#src/language/finding.ts";
import type { CallsCheck, CheckedCalls } from "#src/planning/with-model/calls-check.ts";
import {
  mendedCalls,
  type Mended,
  type MendingAround,
  type ModelCall,
  type ModelQuestion,
} from "#src/planning/with-model/mended-calls.ts";
import { readPlan } from "#src/planning/with-model/written-plan.ts";

// One answer of a model: what it comes to, or what is wrong with it in words that the model can mend.
//
// A1. What is given out as a plan has passed the check of the planner; what lacks only arguments is a question.

export type Outcome =
  | {
      readonly kind: "planned";
      readonly calls: readonly ModelCall[];
      /** It has passed the check. */
      readonly checked: Extract<CheckedCalls, { ok: true }>;
    }
  /** What the plan lacks; it can be made when somebody has answered. */
  | { readonly kind: "asks"; readonly calls: readonly ModelCall[]; readonly questions: readonly ModelQuestion[] }
  /** Nothing fits. The reason is the model's, and a text. */
  | { readonly kind: "refused"; readonly reason: string };

interface Usable {
  readonly ok: true;
  readonly outcome: Outcome;
  readonly repairs: readonly string[];
}

export type ReadAnswer = Usable | { readonly ok: false; readonly problems: readonly string[] };

interface Reading extends MendingAround {
  readonly check: CallsCheck;
}

export class AnswerReader {
  private readonly around: Reading;
  private lacking: Usable | undefined;

  constructor(around: Reading) {
    this.around = around;
  }

  /** The last answer with which nothing was wrong but that required arguments were left out: better than no answer at all. */
  get incomplete(): Usable | undefined {
    return this.lacking;
  }

  read(value: Json): ReadAnswer {
    const written = readPlan(value);
    if (written.kind === "unreadable") return { ok: false, problems: written.problems };
    if (written.kind === "refusal") {
      return { ok: true, outcome: { kind: "refused", reason: written.reason }, repairs: [] };
    }
    const mended = mendedCalls(written.steps, this.around);
    const leftOut = mended.questions.filter(({ isAsked }) => !isAsked);
    const problems = [...mended.problems, ...leftOut.map((one) => leftOutProblem(one, mended))];
    if (mended.problems.length > 0) return { ok: false, problems };
    if (mended.questions.length === 0) return this.checked(mended);
    const asking = asks(mended);
    if (leftOut.length === 0) return asking;
    this.lacking = asking;
    return { ok: false, problems };
  }

  private checked({ calls, ids, repairs }: Mended): ReadAnswer {
    const checked = this.around.check(calls);
    if (checked.ok) return { ok: true, outcome: { kind: "planned", calls, checked }, repairs };
    const named = new Map(checked.steps.map((id, at) => [id, ids[at] ?? id]));
    return { ok: false, problems: checked.findings.map((one) => toldProblem(one, named)) };
  }
}

function asks({ calls, questions, repairs }: Mended): Usable {
  return { ok: true, outcome: { kind: "asks", calls, questions }, repairs };
}

function leftOutProblem({ call, tool, parameter }: ModelQuestion, { ids }: Mended): string {
  return `${ids[call]}.${parameter}: ${tool} needs it; say it, or ask for it`;
}

/** By the ids that the model has given its steps. */
function toldProblem({ code, message, path, suggestion }: Complaint, named: ReadonlyMap<string, string>): string {
  const [root, id, ...rest] = path;
  const place = root === "steps" && typeof id === "string" ? [named.get(id) ?? id, ...rest] : path;
  return `${pathText(place)}: ${message} (${code})${suggestion === undefined ? "" : `; perhaps ${suggestion}`}`;
}
