import { failed } from "#src/model/failures.ts";
import type { ModelLimits } from "#src/model/settings.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { ModelFailure, ModelUsage } from "#src/ports/model.ts";

// What several exchanges with a model may take together: tokens of prompts and answers, tries, and time from its making on.
//
// B1. What is left is looked at before an exchange, and its answer is no longer than what is left; a prompt is only estimated
//     then, so that the last exchange may go over by what the estimate was wrong.
// B2. An exchange that failed counts too, by what is known of it.

export type BudgetLimits = Pick<ModelLimits, "maxTokens" | "maxTries" | "maxTimeMs">;

export interface Spent {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly isEstimated: boolean;
  readonly tries: number;
}

export type Grant =
  { readonly ok: true; readonly maxOutputTokens: number } | { readonly ok: false; readonly failure: ModelFailure };

/** An answer shorter than this is none. */
const MIN_OUTPUT_TOKENS = 16;

export class ModelBudget {
  private readonly limits: BudgetLimits;
  private readonly clock: Clock;
  private readonly endsAt: number;
  private taken: Spent = { inputTokens: 0, outputTokens: 0, isEstimated: false, tries: 0 };

  constructor(limits: BudgetLimits, clock: Clock) {
    this.limits = limits;
    this.clock = clock;
    this.endsAt = clock.monotonic() + limits.maxTimeMs;
  }

  get spent(): Spent {
    return this.taken;
  }

  get remainingMs(): number {
    return Math.max(0, this.endsAt - this.clock.monotonic());
  }

  /** Takes one try, for a prompt of about so many tokens. */
  grant(promptTokens: number, wantedTokens: number): Grant {
    const { tries, inputTokens, outputTokens } = this.taken;
    const { maxTries, maxTokens } = this.limits;
    if (tries >= maxTries) return spent(`${maxTries} tries are over`);
    if (this.remainingMs === 0) return spent("its time is over");
    const left = maxTokens - inputTokens - outputTokens - promptTokens;
    if (left < Math.min(MIN_OUTPUT_TOKENS, wantedTokens)) {
      return spent(`of ${maxTokens} tokens ${inputTokens + outputTokens} are used, and the prompt has ${promptTokens}`);
    }
    this.taken = { ...this.taken, tries: tries + 1 };
    return { ok: true, maxOutputTokens: Math.min(wantedTokens, left) };
  }

  take({ inputTokens, outputTokens, isEstimated }: ModelUsage): void {
    this.taken = {
      inputTokens: this.taken.inputTokens + inputTokens,
      outputTokens: this.taken.outputTokens + outputTokens,
      isEstimated: this.taken.isEstimated || isEstimated,
      tries: this.taken.tries,
    };
  }
}

function spent(why: string): Grant {
  return { ok: false, failure: failed("quota", "model-budget-spent", `the budget for the model is spent: ${why}`) };
}
