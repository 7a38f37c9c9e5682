import { z } from "zod";
import { MAX_REPLANS } from "#events/definition.ts";
import { json } from "#events/json.ts";
import { ANSWER_WORDS } from "#machines/response/answer-forms.ts";
import { bound, choice, defined, mapping, retry, toolFields } from "./source-schema.ts";

// The shape of the plan itself as it is written, around the steps that source-schema.ts describes. Its rules (W1 to W3) hold
// here as well.

const replan = z
  .strictObject({
    ...toolFields,
    retry: retry.exactOptional(),
    max: z.int().min(1).max(MAX_REPLANS).exactOptional(),
  })
  .meta({ id: "replan" });
export type ReplanSource = z.infer<typeof replan>;

/** A response by how the plan ends. Any other mapping is a response as it stands. */
const answers = z
  .strictObject({ $done: json.exactOptional(), $partial: json.exactOptional(), $failed: json.exactOptional() })
  .meta({ id: "answers" });

/** W3: a mapping with one of its words has no others. */
const response = json.meta({ not: { anyOf: ANSWER_WORDS.map((word) => ({ type: "object", required: [word] })) } });

const MAX_NAME_CHARS = 200;

export const planSource = z.strictObject({
  plan: z.string().min(1).max(MAX_NAME_CHARS),
  version: z.string().exactOptional(),
  description: z.string().exactOptional(),
  inputs: defined("inputs").default({}),
  steps: defined("steps"),
  outputs: mapping.exactOptional(),
  returns: defined("returns").exactOptional(),
  respond: z.union([answers, response]).exactOptional(),
  onFailure: choice(["stop", "continue", "rollback"]).default("stop"),
  deadline: bound.exactOptional(),
  pauseStopsClock: z.boolean().exactOptional(),
  replan: replan.exactOptional(),
});
export type PlanSourceFields = z.infer<typeof planSource>;
