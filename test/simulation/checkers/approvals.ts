import type { CommandOf } from "#events/commands.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// P1. A word on a question counts only with the hash that the question had when it was said.
// P2. A question is decided once; who lacks the role that it names decides nothing.
// P3. An approve step comes to an end by somebody's word with its hash, by a denial, by time, or with what it is inside of.

export type Said = CommandOf<"DecideApproval">;

interface Question {
  readonly hash: string;
  readonly role: string | undefined;
  /** Facts of the plan when it was put, and when it was no longer open. */
  readonly from: number;
  until: number;
  verdict: "approved" | "denied" | "none";
  deciders: number;
}

export class Approvals implements Checker {
  readonly name = "approvals";
  private readonly questions = new Map<string, Question[]>();

  before(told: Told): void {
    const { story, fact } = told;
    if (fact.type !== "StepWaitEnded") return;
    const approval = story.steps.get(fact.data.step)?.wait?.approval;
    if (approval === undefined || fact.data.starts === true) return;
    const output = fact.data.output;
    const given = output !== undefined && "inline" in output ? JSON.stringify(output.inline) : "";
    if (!given.includes(`"hash":"${approval.hash}"`))
      violated(this, `${textOf(told)} was decided as ${given}, asked was ${approval.hash}`);
  }

  after(told: Told): void {
    const { story, fact } = told;
    // A step's question may end with many facts: its own, its plan's end, a revision.
    for (const [place, questions] of this.questions) {
      const open = questions.at(-1);
      const isOfPlan = place.startsWith(`${story.plan}/`);
      if (open === undefined || open.until < Infinity || !isOfPlan) continue;
      const path = place.slice(story.plan.length + 1);
      const now = story.steps.get(path)?.wait?.approval;
      if (now?.hash === open.hash) continue;
      open.until = story.facts;
      if (!("step" in fact.data) || fact.data.step !== path) continue;
      if (fact.type === "StepWaitEnded") open.verdict = "approved";
      if (fact.type === "StepFailed" && fact.data.error.code === "approval-denied") open.verdict = "denied";
    }
    if (fact.type !== "StepWaitStarted" || fact.data.approval === undefined) return;
    const { hash, role } = fact.data.approval;
    const place = `${story.plan}/${fact.data.step}`;
    const put = { hash, role, from: story.facts, until: Infinity, verdict: "none" as const, deciders: 0 };
    this.questions.set(place, [...(this.questions.get(place) ?? []), put]);
  }

  /** Somebody's word was accepted; `factsBefore` counts the plan's facts when it was said. */
  accepted(story: PlanStory, said: Said, factsBefore: number): void {
    const { step, hash, verdict, by, roles } = said;
    const what = `${by} has ${verdict} ${step} in ${story.plan.slice(-4)}`;
    const questions = this.questions.get(`${story.plan}/${step}`) ?? [];
    const meant = questions.filter(({ until }) => until > factsBefore);
    const right = meant.find((question) => question.hash === hash && question.verdict === verdict);
    if (right === undefined) {
      const asked = meant.map((question) => `${question.hash.slice(0, 6)} (${question.verdict})`).join(", ");
      violated(this, `${what} with the hash ${hash.slice(0, 6)}, asked was ${asked === "" ? "nothing" : asked}`);
    }
    if (right.role !== undefined && !roles.includes(right.role))
      violated(this, `${what} without the role ${right.role}`);
    if (++right.deciders > 1) violated(this, `${what} although that was decided before`);
  }
}
