import type { Fact, FactOf } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Engine } from "#src/api/engine.ts";
import type { VirtualClock } from "#src/testing/virtual-clock.ts";

// Whoever speaks to a plan in a test: sends signals, decides approvals, pauses, cancels, at moments of virtual time.
//
// P1. What the plan refuses is kept, so that a test can claim it: nothing is said twice, nothing is swallowed.

export interface Words {
  /** Sent in any order; one that comes before a step waits for it is kept. */
  readonly signals?: readonly ScriptedSignal[];
  /** What is said of each approval, by the path of the step that asks; of one that is not named, nothing. */
  readonly approvals?: Readonly<Record<string, Verdict | ScriptedApproval>>;
  readonly commands?: readonly ScriptedCommand[];
}

export type Verdict = "approved" | "denied";

export interface ScriptedSignal {
  readonly name: string;
  /** Default: null. */
  readonly payload?: Json;
  /** From the plan's start. Default: 0. */
  readonly afterMs?: number;
  readonly by?: string;
}

export interface ScriptedApproval {
  readonly verdict: Verdict;
  /** From the question. Default: 0. */
  readonly afterMs?: number;
  readonly by?: string;
  /** Default: the role that the question asks for. */
  readonly roles?: readonly string[];
  readonly note?: string;
}

export interface ScriptedCommand {
  readonly command: Command;
  /** From the plan's start. Default: 0. */
  readonly afterMs?: number;
}

export interface Refusal {
  readonly command: Command["type"];
  readonly code: string;
  readonly reason: string;
}

const SOMEBODY = "os:tester";

type Approval = NonNullable<FactOf<"StepWaitStarted">["data"]["approval"]>;

export class Person {
  readonly refused: Refusal[] = [];
  private readonly engine: Engine;
  private readonly clock: VirtualClock;
  private readonly words: Words;
  private commandsLeft: number;

  constructor(engine: Engine, clock: VirtualClock, words: Words) {
    this.engine = engine;
    this.clock = clock;
    this.words = words;
    this.commandsLeft = words.commands?.length ?? 0;
  }

  /** Every command was given and answered. */
  get isDone(): boolean {
    return this.commandsLeft === 0;
  }

  /** The plan has started. */
  begin(plan: PlanId): void {
    for (const { name, payload = null, afterMs = 0, by = SOMEBODY } of this.words.signals ?? []) {
      this.later(afterMs, plan, { type: "SendSignal", name, payload: inline(payload), by });
    }
    for (const { command, afterMs = 0 } of this.words.commands ?? []) {
      this.later(afterMs, plan, command);
    }
  }

  /** Answers the questions that the plan asks. */
  follow(plan: PlanId, facts: readonly Fact[]): void {
    for (const { type, data } of facts) {
      if (type === "StepWaitStarted" && data.approval !== undefined) this.decide(plan, data.step, data.approval);
    }
  }

  private decide(plan: PlanId, step: string, { hash, role }: Approval): void {
    const said = this.words.approvals?.[step];
    if (said === undefined) return;
    const scripted: ScriptedApproval = typeof said === "string" ? { verdict: said } : said;
    const { verdict, afterMs = 0, by = SOMEBODY, note, roles = role === undefined ? [] : [role] } = scripted;
    const noted = note === undefined ? {} : { note };
    this.later(afterMs, plan, { type: "DecideApproval", step, hash, verdict, by, roles, ...noted });
  }

  private later(afterMs: number, plan: PlanId, command: Command): void {
    this.clock.after(afterMs, () => {
      void this.say(plan, command).finally(() => {
        if (this.words.commands?.some((scripted) => scripted.command === command) === true) this.commandsLeft--;
      });
    });
  }

  private async say(plan: PlanId, command: Command): Promise<void> {
    try {
      const decision = await this.engine.send(plan, command);
      if (decision.kind !== "rejected") return;
      this.refused.push({ command: command.type, code: decision.code, reason: decision.reason });
    } catch {
      // The run is over; nobody hears it any more.
    }
  }
}
