import { planOfStream } from "#events/streams.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import type { Latency } from "./record.ts";

// What has come about, counted from facts as they are seen.

const ENDS: ReadonlySet<string> = new Set(["PlanSucceeded", "PlanCancelled", "PlanRolledBack"]);

export class Tally {
  facts = 0;
  steps = 0;
  /** Plans that have ended. */
  plans = 0;
  readonly latencies: Latency[] = [];
  private readonly startedAt = new Map<string, number>();
  private readonly beganAt: number;
  private readonly isProbe: (plan: string) => boolean;

  /** `isProbe`: whether the time that this plan takes is measured. */
  constructor(beganAt: number, isProbe: (plan: string) => boolean) {
    this.beganAt = beganAt;
    this.isProbe = isProbe;
  }

  take({ type, stream, at }: Pick<RecordedFact, "type" | "stream" | "at">): void {
    this.facts++;
    if (type === "StepSucceeded") this.steps++;
    const plan = planOfStream(stream) ?? "";
    if (type === "PlanStarted") this.startedAt.set(plan, at);
    if (!ENDS.has(type)) return;
    this.plans++;
    const startedAt = this.startedAt.get(plan);
    this.startedAt.delete(plan);
    if (startedAt !== undefined && this.isProbe(plan))
      this.latencies.push({ atMs: startedAt - this.beganAt, ms: at - startedAt });
  }
}
