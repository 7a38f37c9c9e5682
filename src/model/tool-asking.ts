import type { Asking } from "#src/model/ask.ts";
import { ModelBudget } from "#src/model/budget.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import type { ModelLimits } from "#src/model/settings.ts";
import type { TokenFeed } from "#src/model/token-feed.ts";
import type { Model } from "#src/ports/model.ts";
import type { ToolContext } from "#src/tools/define.ts";

/** A model as a tool asks it. */
export interface UsedModel {
  readonly model: Model;
  /** Of one call of the tool. */
  readonly limits: ModelLimits;
  readonly recorder?: ModelRecorder | undefined;
}

export interface ToolAsking extends Asking {
  readonly maxOutputTokens: number;
  /** Whose exchanges these are, in the records; undefined where none are kept. */
  readonly record: string | undefined;
}

/** Asking from within a tool: it ends with the attempt, its words go out on the live channel, its exchanges are recorded as the step's. */
export function toolAsking({ model, limits, recorder }: UsedModel, context: ToolContext, feed: TokenFeed): ToolAsking {
  const { clock, signal, idempotencyKey: about } = context;
  const { timeoutMs, maxOutputTokens } = limits;
  return {
    ...{ model, clock, signal, timeoutMs, maxOutputTokens },
    budget: new ModelBudget(limits, clock),
    onText: (piece, number) => feed.push(piece, number),
    ...(recorder === undefined
      ? { record: undefined }
      : { record: about, recorder: { record: (exchange) => recorder.record({ about, ...exchange }) } }),
  };
}
