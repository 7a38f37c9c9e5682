import type { FactData } from "#events/catalog.ts";
import type { Cluster } from "#src/simulation/cluster.ts";
import { CLAIM_LIMITS } from "../plans/claims.ts";
import type { PlanStory } from "../story/plan-story.ts";
import type { Account, Execution } from "../tools/account.ts";
import { isLate, textOf, violated, type Checker, type Told } from "./checker.ts";

// L1. What attempts hold of pools, under keys and of resources never exceeds the limit, over all plans: from the dispatch
//     until the fact that ends the attempt, or until its executor has said that it ended.
// L2. A dispatch cites exactly what its step claims.
// L3. What an owner dispatched whose ownership was over when the log took it holds nothing before it runs: nobody has sent it.

type Dispatched = FactData<"StepDispatched">;

interface Held {
  readonly attempt: string;
  readonly amount: number;
}

export class Claims implements Checker {
  readonly name = "claims";
  private readonly account: Account;
  private readonly cluster: Cluster;
  private readonly held = new Map<string, Held[]>();
  /** L3: by plan and step. */
  private readonly late = new Map<string, { readonly told: Told; readonly dispatched: Dispatched }>();

  constructor(account: Account, cluster: Cluster) {
    this.account = account;
    this.cluster = cluster;
  }

  /** L3. */
  ran({ plan, step }: Execution): void {
    const late = this.late.get(`${plan}/${step}`);
    if (late === undefined) return;
    this.late.delete(`${plan}/${step}`);
    this.takeAll(late.told, late.dispatched);
  }

  before({ story, fact }: Told): void {
    if (fact.type === "StepDispatched" || !("step" in fact.data)) return;
    const inFlight = story.steps.get(fact.data.step)?.inFlight;
    if (inFlight !== undefined && "attempt" in fact.data && fact.type !== "StepLateReported") {
      this.late.delete(`${story.plan}/${inFlight.step}`);
      this.release(story, inFlight);
    }
  }

  after(told: Told): void {
    const { story, fact } = told;
    if (fact.type !== "StepDispatched") return;
    this.checkCited(told, fact.data);
    if (isLate(told, this.cluster)) this.late.set(`${story.plan}/${fact.data.step}`, { told, dispatched: fact.data });
    else this.takeAll(told, fact.data);
  }

  private takeAll(told: Told, dispatched: Dispatched): void {
    for (const token of dispatched.tokens ?? []) {
      const [kind = "", amount = "1", ...name] = token.split(":");
      this.take(told, `${kind}:${name.join(":")}`, { attempt: nameOf(told.story, dispatched), amount: Number(amount) });
    }
  }

  private take(told: Told, claim: string, taken: Held): void {
    const others = (this.held.get(claim) ?? []).filter(({ attempt }) => this.isHeld(attempt));
    const all = [...others, taken];
    this.held.set(claim, all);
    const sum = all.reduce((total, { amount }) => total + amount, 0);
    const limit = CLAIM_LIMITS[claim] ?? 1;
    if (sum > limit) {
      const holders = all.map(({ attempt }) => attempt.slice(-20)).join(", ");
      violated(this, `${textOf(told)}: ${sum} of ${limit} of ${claim} are held, by ${holders}`);
    }
  }

  /** What a plan in quarantine holds nobody can read. */
  private isHeld(attempt: string): boolean {
    return !this.account.reported.has(attempt) && !this.account.unreadable.has(attempt.split("/")[0] ?? "");
  }

  private release(story: PlanStory, dispatched: Dispatched): void {
    const attempt = nameOf(story, dispatched);
    for (const [claim, held] of this.held) {
      this.held.set(
        claim,
        held.filter((one) => one.attempt !== attempt),
      );
    }
  }

  private checkCited(told: Told, { step: path, alternative, tokens = [], undoes }: Dispatched): void {
    const step = told.story.outline.stepAt(undoes ?? path);
    if (step?.kind !== "tool" || alternative >= 0) return;
    const { pool, key, uses = {} } = step;
    const names = [pool, undoes === undefined ? key : undefined].filter((name) => name !== undefined);
    const count = names.length + Object.keys(uses).length;
    if (tokens.length !== count) violated(this, `${textOf(told)} cites ${tokens.join(", ")}, ${count} were wanted`);
  }
}

function nameOf({ plan }: PlanStory, { step, attempt }: Dispatched): string {
  return `${plan}/${step}/${attempt}`;
}
