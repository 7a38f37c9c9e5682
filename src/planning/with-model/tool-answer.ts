import { z } from "zod";
import { json } from "#events/json.ts";
import { toolAsking, type UsedModel } from "#src/model/tool-asking.ts";
import { MAX_TEXT_CHARS, modelName, toolFailure, usageOf, usageWords } from "#src/model/tool-words.ts";
import { TokenFeed } from "#src/model/token-feed.ts";
import { ANSWER_TOOL } from "#src/planning/responding/answer-step.ts";
import { responseByModel } from "#src/planning/with-model/response-by-model.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// `model.answer`: what steps gave as an answer in words, each sentence with the steps that it stands on. What stands on none is left out,
// and what is said is text, whatever it looks like.

const MAX_RESULTS = 64;
const MAX_NAME_CHARS = 200;

const named = z.string().min(1).max(MAX_NAME_CHARS);

export function answerTool(models: (name?: string) => UsedModel, timeoutMs: number): Tool {
  return defineTool({
    name: ANSWER_TOOL,
    version: "1.0.0",
    description:
      "Has a language model answer a request from what steps gave, each sentence with the steps that it stands on.",
    input: z.strictObject({
      request: z.string().min(1).max(MAX_TEXT_CHARS).describe("what was asked, in words"),
      results: z
        .array(
          z.strictObject({
            step: named,
            tool: named.optional(),
            status: z.enum(["succeeded", "failed", "skipped"]).default("succeeded"),
            output: z.unknown(),
            error: z.string().max(MAX_TEXT_CHARS).optional(),
          }),
        )
        .min(1)
        .max(MAX_RESULTS),
      model: modelName,
    }),
    output: z.object({
      text: z.string(),
      sentences: z.array(z.object({ text: z.string(), steps: z.array(z.string()) })),
      dropped: z.array(z.string()).describe("what the model wrote that stands on no step"),
      model: z.string(),
      usage: usageWords,
    }),
    sideEffects: "read",
    timeoutMs,
    async run({ request, results, model: name }, context) {
      const used = models(name);
      using feed = new TokenFeed(context.clock, context.progress);
      const asking = { ...toolAsking(used, context, feed), isPatient: false };
      const told = results.map(({ step, tool, status, output, error }) => ({
        ...{ step, status },
        ...(tool === undefined ? {} : { tool }),
        ...(output === undefined ? {} : { output: json.parse(output) }),
        ...(error === undefined ? {} : { error }),
      }));
      const written = await responseByModel({ request, results: told }, asking);
      const { name: model } = used.model;
      if (written.kind === "failed") throw toolFailure(written.failure, { model, spent: written.spent });
      const sentences = written.sentences.map(({ text, steps }) => ({ text, steps: [...steps] }));
      const text = sentences.map((sentence) => sentence.text).join(" ");
      return { text, sentences, dropped: [...written.dropped], model, usage: usageOf(written.spent) };
    },
  });
}
