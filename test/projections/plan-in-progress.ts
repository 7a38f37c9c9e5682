// A plan driven to a certain point, for selects to look at.
import { decode, type Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { Driver } from "../machines/driver.ts";
import { planOf, WORKER } from "../machines/plans.ts";

export const START = Date.UTC(2026, 0, 1);

export class PlanInProgress {
  readonly driver = new Driver({ now: START, random: () => 0 });

  constructor(steps: readonly StepDefinition[], extra: Partial<PlanDefinition> = {}, slots = Infinity) {
    this.tell({ type: "StartPlan", definition: planOf(steps, extra), inputs: {} }, slots);
  }

  get state() {
    return this.driver.state;
  }

  get now(): number {
    return this.driver.now;
  }

  /** Time passes, and whatever is due then happens. */
  after(ms: number, slots = Infinity): this {
    this.driver.now += ms;
    this.driver.turn({ slots });
    return this;
  }

  succeed(step: string, output: Json = null, slots = Infinity): this {
    return this.report(step, { kind: "succeeded", output: inline(output) }, slots);
  }

  fail(step: string, slots = Infinity): this {
    return this.report(
      step,
      { kind: "failed", error: errorOf("unavailable", "connection-refused", "nobody answers") },
      slots,
    );
  }

  silence(step: string): this {
    return this.report(step, { kind: "timed-out" }, Infinity);
  }

  tell(command: Command, slots = Infinity): this {
    this.driver.turn({ commands: [command], slots });
    return this;
  }

  /** What was recorded after the first `count` events. */
  factsSince(count: number): readonly Fact[] {
    return this.driver.events.slice(count).map(decode);
  }

  private report(step: string, outcome: Extract<Command, { type: "ReportAttempt" }>["outcome"], slots: number): this {
    const index = this.state.drafted?.graph.indexOf.get(step) ?? -1;
    const attempt = this.state.steps[index]?.chart.context.attempt ?? 0;
    return this.tell({ type: "ReportAttempt", step, attempt, executor: WORKER, outcome }, slots);
  }
}
