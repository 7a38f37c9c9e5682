import type { PlanId } from "#events/ids.ts";
import type { Finding } from "#src/language/finding.ts";

/** A plan that was brought in. */
export interface Started {
  readonly plan: PlanId;
  /** It had been started before with this key. */
  readonly attached: boolean;
  readonly warnings: readonly Finding[];
}

/** Of a request in words. */
export interface AnswerStarted extends Started {
  /** What was done to the session's last plan, where the request was about that one, and none was started. */
  readonly told?: "cancelled" | "answered";
}
