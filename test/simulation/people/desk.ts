import type { Command } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Decision } from "#machines/decide/decision.ts";
import type { Account } from "../tools/account.ts";
import type { Judge } from "../checkers/judge.ts";
import type { Cluster, Holder } from "#src/simulation/cluster.ts";
import type { World } from "#src/simulation/world.ts";

// Where people ask: whoever holds the store answers, or nobody does, or the answer never comes.
//
// D1. An answer means that the log has it: what was accepted has led to facts by then.
// D2. A plan is quarantined only where blobs were damaged, now or in the beginning that this run goes on from, and a fault is
//     answered only by who stops or cannot read.

export interface DeskParts {
  readonly world: World;
  readonly judge: Judge;
  readonly cluster: Cluster;
  /** Names the plans that were quarantined; whether they had to be is judged where it happens. */
  readonly account: Pick<Account, "unreadable">;
  /** Runs a judgement; what it finds ends the run. */
  readonly guard: (judgement: () => void) => void;
}

export class Desk {
  readonly world: World;
  readonly judge: Judge;
  readonly cluster: Cluster;
  readonly guard: DeskParts["guard"];
  private readonly account: DeskParts["account"];

  constructor({ world, judge, cluster, account, guard }: DeskParts) {
    this.world = world;
    this.judge = judge;
    this.cluster = cluster;
    this.account = account;
    this.guard = guard;
  }

  /** Asks; `onAnswer` is told the answer if one comes, with how many facts the plan had before. */
  ask(plan: PlanId, command: Command, onAnswer?: (decision: Decision, factsBefore: number) => void): void {
    const holder = this.cluster.holderOf(plan);
    if (holder === undefined) return;
    const before = this.facts(plan);
    holder.coordinator.send(plan, command, { actor: "os:alice" }).then(
      (decision) => {
        const code = decision.kind === "rejected" ? ` (${decision.code})` : "";
        this.world.note(`${command.type} ${plan.slice(-4)}: ${decision.kind}${code}`);
        this.guard(() => {
          this.judge.check();
          this.checkAnswer(plan, { command, decision, before });
          onAnswer?.(decision, before);
        });
      },
      (error: unknown) => this.guard(() => this.checkFault(command, error, { plan, holder })),
    );
  }

  private checkAnswer(plan: PlanId, { command, decision, before }: Answer): void {
    if (decision.kind === "accepted" && this.facts(plan) <= before)
      this.judge.fail("answers", `${command.type} was accepted but is not in the log of ${plan}`);
    const isQuarantined = decision.kind === "rejected" && decision.code === "plan-quarantined";
    if (isQuarantined && !this.cluster.disk.wasDamaged && !this.account.unreadable.has(plan))
      this.judge.fail("answers", `${plan} was quarantined`);
  }

  private checkFault(
    command: Command,
    error: unknown,
    { plan, holder }: { readonly plan: PlanId; readonly holder: Holder },
  ): void {
    const hasMoved = holder !== this.cluster.holderOf(plan) || Fault.is(error, "not-owner");
    if (error instanceof Fault && (hasMoved || this.cluster.disk.wasDamaged)) return;
    this.judge.fail("answers", `${command.type} was answered with a fault: ${String(error)}`);
  }

  private facts(plan: PlanId): number {
    return this.judge.stories.get(plan)?.facts ?? 0;
  }
}

interface Answer {
  readonly command: Command;
  readonly decision: Decision;
  readonly before: number;
}
