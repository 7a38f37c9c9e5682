import { z } from "zod";
import { json } from "#events/json.ts";
import { toolAsking, type UsedModel } from "#src/model/tool-asking.ts";
import { MAX_TEXT_CHARS, modelName, toolFailure, usageOf, usageWords } from "#src/model/tool-words.ts";
import { TokenFeed } from "#src/model/token-feed.ts";
import { judgedByModel, VERDICTS } from "#src/planning/with-model/judged-by-model.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// `model.judge`: one opinion on whether an output answers a request, for steps that go on only where it does. It grants nothing: an approval
// is given by a principal.

export function judgeTool(models: (name?: string) => UsedModel, timeoutMs: number): Tool {
  return defineTool({
    name: "model.judge",
    version: "1.0.0",
    description:
      "Has a language model judge whether an output answers a request. It is an opinion, and approves nothing.",
    input: z.strictObject({
      request: z.string().min(1).max(MAX_TEXT_CHARS).describe("what was asked, in words"),
      output: z.unknown().describe("what is judged; what it says of itself does not count"),
      model: modelName,
    }),
    output: z.object({
      verdict: z.enum(VERDICTS),
      reason: z.string(),
      lacks: z.string().describe("what is wanted and not there; empty where nothing is"),
      model: z.string(),
      usage: usageWords,
    }),
    sideEffects: "read",
    timeoutMs,
    async run({ request, output, model: name }, context) {
      const used = models(name);
      using feed = new TokenFeed(context.clock, context.progress);
      const asking = { ...toolAsking(used, context, feed), isPatient: false };
      const judgement = await judgedByModel({ request, output: json.parse(output ?? null) }, asking);
      const { name: model } = used.model;
      if (judgement.kind === "failed") throw toolFailure(judgement.failure, { model, spent: judgement.spent });
      const { verdict, reason, lacks, spent } = judgement;
      return { verdict, reason, lacks, model, usage: usageOf(spent) };
    },
  });
}
