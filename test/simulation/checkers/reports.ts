import type { ExecutorMessage } from "#src/ports/bus.ts";
import type { Account } from "../tools/account.ts";
import { violated, type Checker, type Told } from "./checker.ts";

// R1. What an executor need not report any more is in the log: as the end of its attempt, or as a late report of it. Only
//     silence (timed out, cancelled, or a process of its own that died) says nothing that somebody would have to keep.

type Acknowledged = Extract<ExecutorMessage, { kind: "acknowledged" }>;

const FROM_REPORTS: ReadonlySet<string> = new Set(["StepSucceeded", "StepFailed", "StepCancelled", "StepLateReported"]);

export class Reports implements Checker {
  readonly name = "reports";
  private readonly account: Account;
  private readonly dispatched = new Set<string>();
  private readonly recorded = new Set<string>();

  constructor(account: Account) {
    this.account = account;
  }

  after({ story, fact }: Told): void {
    if (!("attempt" in fact.data)) return;
    const name = `${story.plan}/${fact.data.step}/${fact.data.attempt}`;
    if (fact.type === "StepDispatched") this.dispatched.add(name);
    else if (FROM_REPORTS.has(fact.type)) this.recorded.add(name);
  }

  acknowledged({ key, outcome }: Acknowledged): void {
    const name = `${key.plan}/${key.step}/${key.attempt}`;
    if ((outcome !== "succeeded" && outcome !== "failed") || this.account.silent.has(name)) return;
    if (this.dispatched.has(name) && !this.recorded.has(name))
      violated(this, `attempt ${key.attempt} of ${key.step} of ${key.plan.slice(-4)} has ${outcome}, which was lost`);
  }
}
