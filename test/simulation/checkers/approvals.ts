import type { Fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { Approval } from "#events/step-facts.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// P1. A word on a question counts only with the hash that the question had when it was said.
// P2. A question is decided once; who lacks the role that it names decides nothing.
// P3. An approve step comes to an end by somebody's word with its hash, by a denial, by time, or with what it is inside of.
// P4. A question for several ends as approved only after so many different people have approved it, as the facts say.

export type Said = CommandOf<"DecideApproval">;

interface Question {
  readonly hash: string;
  readonly role: string | undefined;
  readonly approvers: number;
  /** The last word of each person. */
  readonly words: Map<string, string>;
  /** Facts of the plan when it was no longer open. */
  until: number;
  verdict: "approved" | "denied" | "none";
  deciders: number;
}

export class Approvals implements Checker {
  readonly name = "approvals";
  /** By plan and step, in the order in which they were put. */
  private readonly questions = new Map<PlanStory, Map<string, Question[]>>();

  before(told: Told): void {
    const { story, fact } = told;
    this.count(told);
    if (fact.type !== "StepWaitEnded") return;
    const approval = story.steps.get(fact.data.step)?.wait?.approval;
    if (approval === undefined || fact.data.starts === true) return;
    const output = fact.data.output;
    const given = output !== undefined && "inline" in output ? JSON.stringify(output.inline) : "";
    if (!given.includes(`"hash":"${approval.hash}"`))
      violated(this, `${textOf(told)} was decided as ${given}, asked was ${approval.hash}`);
  }

  after({ story, fact }: Told): void {
    // A step's question may end with many facts: its own, its plan's end, a revision.
    for (const [path, questions] of this.questions.get(story) ?? []) {
      const open = questions.find(({ until }) => until === Infinity);
      if (open === undefined || story.steps.get(path)?.wait?.approval?.hash === open.hash) continue;
      open.until = story.facts;
      open.verdict = verdictOf(fact, path);
    }
    if (fact.type === "StepWaitStarted" && fact.data.approval !== undefined)
      this.put(story, fact.data.step, fact.data.approval);
  }

  /** P4. */
  private count(told: Told): void {
    const { story, fact } = told;
    if (fact.type !== "StepReviewed" && fact.type !== "StepWaitEnded") return;
    const open = this.questions
      .get(story)
      ?.get(fact.data.step)
      ?.find(({ until }) => until === Infinity);
    if (open === undefined) return;
    if (fact.type === "StepReviewed") {
      if (fact.data.hash !== open.hash)
        violated(this, `${textOf(told)} is a word on ${fact.data.hash}, not ${open.hash}`);
      open.words.set(fact.data.by, fact.data.verdict);
      return;
    }
    this.settle(told, open);
  }

  private settle(told: Told, open: Question): void {
    const words = [...open.words.values()];
    const approved = words.filter((word) => word === "approved").length;
    if ((open.approvers > 1 && approved < open.approvers) || words.includes("changes-requested"))
      violated(this, `${textOf(told)} has ${approved} of ${open.approvers} approvals: ${words.join(", ")}`);
  }

  private put(story: PlanStory, step: string, { hash, role, approvers = 1 }: Approval): void {
    const ofPlan = this.questions.get(story) ?? new Map<string, Question[]>();
    this.questions.set(story, ofPlan);
    const put = {
      hash,
      role,
      approvers,
      words: new Map<string, string>(),
      until: Infinity,
      verdict: "none" as const,
      deciders: 0,
    };
    ofPlan.set(step, [...(ofPlan.get(step) ?? []), put]);
  }

  /** How many people stand for the question of a step that is open. */
  approvedBy(story: PlanStory, step: string): number {
    const open = this.questions
      .get(story)
      ?.get(step)
      ?.find(({ until }) => until === Infinity);
    return [...(open?.words.values() ?? [])].filter((word) => word === "approved").length;
  }

  /** Somebody's word was accepted; `factsBefore` counts the plan's facts when it was said. */
  accepted(story: PlanStory, said: Said, factsBefore: number): void {
    const { step, hash, verdict, by, roles } = said;
    const what = `${by} has ${verdict} ${step} in ${story.plan.slice(-4)}`;
    const questions = this.questions.get(story)?.get(step) ?? [];
    const meant = questions.filter(({ until }) => until > factsBefore);
    const right = meant.find((question) => question.hash === hash && isAnswered(question, said));
    if (right === undefined) {
      const asked = meant.map((question) => `${question.hash.slice(0, 6)} (${question.verdict})`).join(", ");
      violated(this, `${what} with the hash ${hash.slice(0, 6)}, asked was ${asked === "" ? "nothing" : asked}`);
    }
    if (right.role !== undefined && verdict !== "withdrawn" && !roles.includes(right.role))
      violated(this, `${what} without the role ${right.role}`);
    if (isDeciding(right, said) && ++right.deciders > 1) violated(this, `${what} although that was decided before`);
  }
}

/** One of several words leaves the question as it was. */
function isAnswered(question: Question, said: Said): boolean {
  return !isDeciding(question, said) || question.verdict === said.verdict;
}

function isDeciding({ approvers }: Question, { verdict }: Said): boolean {
  return verdict === "denied" || (verdict === "approved" && approvers === 1);
}

/** How a fact has ended the question of a step. */
function verdictOf({ type, data }: Fact, path: string): Question["verdict"] {
  if (!("step" in data) || data.step !== path) return "none";
  if (type === "StepWaitEnded") return "approved";
  return type === "StepFailed" && data.error.code === "approval-denied" ? "denied" : "none";
}
