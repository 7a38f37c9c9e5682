// A plan with one interesting step, walked through its life by commands and time alone.
import type { Fact } from "#events/catalog.ts";
import type { AttemptOutcome, CommandOf } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { stepIndex } from "#machines/step-path.ts";
import type { Driver } from "./driver.ts";
import { planOf, UNAVAILABLE, WORKER } from "./plans.ts";

/** Walks a plan with one interesting step, `a`, through a driver. */
export class Walk {
  private readonly driver: Driver;

  constructor(driver: Driver) {
    this.driver = driver;
  }

  start(
    steps: readonly StepDefinition[],
    deadlineMs?: number,
    ...[slots = Infinity, onFailure = "continue"]: [number?, PlanDefinition["onFailure"]?]
  ): this {
    const definition = planOf(steps, { onFailure, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
    this.driver.turn({ commands: [{ type: "StartPlan", definition, inputs: { list: [] } }], slots });
    return this;
  }

  report(outcome: AttemptOutcome, attempt = 1, slots = Infinity): this {
    const command = { type: "ReportAttempt", step: "a", attempt, executor: WORKER, outcome } as const;
    this.driver.turn({ commands: [command], slots });
    return this;
  }

  /** What ran the tool died. */
  die(): this {
    return this.report({ kind: "failed", error: UNAVAILABLE, isSilent: true });
  }

  lose(attempt = 1): this {
    this.driver.turn({ commands: [{ type: "LoseAttempt", step: "a", attempt, executor: WORKER }] });
    return this;
  }

  later(ms: number): this {
    this.driver.now += ms;
    this.driver.turn();
    return this;
  }

  cancel(): this {
    this.driver.turn({ commands: [{ type: "CancelPlan" }] });
    return this;
  }

  rollback(): this {
    this.driver.turn({ commands: [{ type: "RollbackPlan" }] });
    return this;
  }

  reopen(): this {
    this.driver.turn({ commands: [{ type: "ReopenPlan" }], slots: 0 });
    return this;
  }

  give(kind: "done" | "skipped"): this {
    const outcome = kind === "done" ? { kind, output: inline(1) } : { kind };
    this.driver.turn({ commands: [{ type: "GiveOutcome", step: "a", outcome }], slots: 0 });
    return this;
  }

  /** Another definition for the plan. */
  revise(steps: readonly StepDefinition[]): this {
    const { edition } = this.driver.state.header.context;
    const onFailure = this.driver.state.drafted?.definition.onFailure ?? "stop";
    this.driver.turn({ commands: [{ type: "RevisePlan", definition: planOf(steps, { onFailure }), edition }] });
    return this;
  }

  pause(): this {
    this.driver.turn({ commands: [{ type: "PausePlan" }] });
    return this;
  }

  resume(): this {
    this.driver.turn({ commands: [{ type: "ResumePlan" }] });
    return this;
  }

  signal(name = "go"): this {
    this.driver.turn({ commands: [{ type: "SendSignal", name, payload: inline(1), by: "os:alice", expiresMs: 50 }] });
    return this;
  }

  comment(): this {
    this.driver.turn({ commands: [{ type: "CommentPlan", text: "why?", by: "os:alice" }], slots: 0 });
    return this;
  }

  /** Somebody's word on what step `a` asks. */
  decide(verdict: CommandOf<"DecideApproval">["verdict"], by = "os:alice"): this {
    const { wait } = this.driver.state.steps[stepIndex(this.driver.state, "a")] ?? {};
    const hash = wait?.approval?.hash ?? "";
    this.driver.turn({
      commands: [{ type: "DecideApproval", step: "a", hash, verdict, by, roles: [] }],
      slots: 0,
    });
    return this;
  }

  /** Facts that windows of a thousand items would lead to. */
  record(...facts: readonly Fact[]): this {
    this.driver.record(...facts);
    return this;
  }

  turn(): this {
    this.driver.turn();
    return this;
  }

  resolve(resolution: CommandOf<"ResolveOutcome">["resolution"]): this {
    this.driver.turn({ commands: [{ type: "ResolveOutcome", step: "a", resolution }] });
    return this;
  }
}
