import { z } from "zod";
import type { BookedModel, ModelBook } from "#src/model/model-book.ts";
import { DEFAULT_MODEL, durationWord } from "#src/model/settings.ts";
import { parseDuration } from "#src/language/duration.ts";

// What the configuration says about language models in planning: which one, how long it is waited for, and what else it does. It is recorded
// with a plan that is started, which goes on with the same.

const MAX_NAME_CHARS = 200;

/** A plan that is made without a model is at hand: it is waited for so long and no longer. */
const DEFAULT_MAX_TIME_MS = 60_000;

export const planningSettings = z.strictObject({
  model: z
    .union([z.string().min(1).max(MAX_NAME_CHARS), z.literal(false)], {
      error: "the name of one of the models, or false for none",
    })
    .exactOptional()
    .meta({
      description:
        "Which of the models plans beside the planner that needs none; false for none. Default: `default`, or the only one.",
    }),
  maxTime: durationWord
    .exactOptional()
    .meta({ description: "How long planning waits for the model, all tries together. Default: 1m." }),
  answers: z
    .boolean()
    .exactOptional()
    .meta({ description: "Whether the model also says in words what a request's plan gave. Default: false." }),
  records: z
    .boolean()
    .exactOptional()
    .meta({ description: "Whether prompts and answers are kept in `model-records` beside the store. Default: true." }),
});

export type PlanningSettings = Readonly<z.infer<typeof planningSettings>>;

export interface PlanningModel extends BookedModel {
  /** As the configuration names it. */
  readonly name: string;
}

/** The model that plans; undefined where there is none, or several and none of them is named. */
export function modelThatPlans(book: ModelBook, { model, maxTime = "" }: PlanningSettings): PlanningModel | undefined {
  if (model === false) return undefined;
  const [only] = book.names.length === 1 ? book.names : [];
  const name = model ?? (book.names.includes(DEFAULT_MODEL) ? DEFAULT_MODEL : only);
  if (name === undefined) return undefined;
  const { limits, ...booked } = book.get(name);
  const maxTimeMs = Math.min(limits.maxTimeMs, parseDuration(maxTime) ?? DEFAULT_MAX_TIME_MS);
  return { ...booked, name, limits: { ...limits, maxTimeMs } };
}
