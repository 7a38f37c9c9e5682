import { z } from "zod";
import type { ModelBook } from "#src/model/model-book.ts";
import { askFromTool, MAX_TEXT_CHARS, modelWords, usageWords } from "#src/model/tool-words.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

export function generateTool(book: ModelBook): Tool {
  return defineTool({
    name: "model.generate",
    version: "1.0.0",
    description: "Has a language model write a text.",
    input: z.strictObject({
      prompt: z.string().min(1).max(MAX_TEXT_CHARS),
      system: z.string().min(1).max(MAX_TEXT_CHARS).optional().describe("what the model is told before the prompt"),
      ...modelWords,
    }),
    output: z.object({
      text: z.string(),
      cut: z.boolean().describe("whether the text ends because it is as long as it may be"),
      model: z.string(),
      usage: usageWords,
    }),
    sideEffects: "read",
    timeoutMs: book.maxTimeMs,
    async run({ prompt, system, ...words }, context) {
      const told = system === undefined ? [] : [{ role: "system", text: system } as const];
      const messages = [...told, { role: "user", text: prompt } as const];
      const { reply, usage } = await askFromTool(book, { ...words, messages }, context);
      return { text: reply.text, cut: reply.isCut, model: reply.model, usage };
    },
  });
}
