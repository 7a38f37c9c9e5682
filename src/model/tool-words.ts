import { z } from "zod";
import { askModel, type Question, type Reply } from "#src/model/ask.ts";
import { ModelBudget } from "#src/model/budget.ts";
import type { ModelBook } from "#src/model/model-book.ts";
import { TokenFeed } from "#src/model/token-feed.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

// What the model tools have in common: which model, how much, and how one is asked from within a tool.
//
// W1. A broken answer is mended here; an outage or a limit is the failure of the attempt, and the plan's retry waits for it.

const MAX_NAME_CHARS = 200;
const MAX_TOKENS = 1_000_000;
const MAX_TEMPERATURE = 2;
export const MAX_TEXT_CHARS = 4 * 1_024 * 1_024;

/** Arguments of every model tool. */
export const modelWords = {
  model: z.string().min(1).max(MAX_NAME_CHARS).optional().describe("name of a model in the configuration"),
  maxTokens: z.int().min(1).max(MAX_TOKENS).optional().describe("tokens of the answer at most"),
  temperature: z.number().min(0).max(MAX_TEMPERATURE).optional(),
};

/** In the output of every model tool: what it took, all tries together. */
export const usageWords = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  tries: z.int(),
  estimated: z.boolean().describe("whether the provider has not counted all of them"),
});

interface Words {
  readonly model?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
}

export interface Asked {
  readonly reply: Extract<Reply, { ok: true }>;
  readonly usage: z.infer<typeof usageWords>;
}

/** Throws a ToolFailure where there is no answer. */
export async function askFromTool(
  book: ModelBook,
  { model: name, maxTokens, temperature, ...question }: Words & Omit<Question, "maxOutputTokens" | "temperature">,
  context: ToolContext,
): Promise<Asked> {
  const { model, limits } = book.get(name);
  const { clock, signal } = context;
  const budget = new ModelBudget(limits, clock);
  using feed = new TokenFeed(clock, context.progress);
  const maxOutputTokens = Math.min(maxTokens ?? limits.maxOutputTokens, limits.maxOutputTokens);
  const asked = { ...question, maxOutputTokens, ...(temperature === undefined ? {} : { temperature }) };
  const onText = (piece: string, number: number): void => feed.push(piece, number);
  const { timeoutMs } = limits;
  const reply = await askModel(asked, { model, budget, clock, signal, timeoutMs, onText, isPatient: false });
  const { isEstimated: estimated, inputTokens, outputTokens, tries } = budget.spent;
  const usage = { inputTokens, outputTokens, tries, estimated };
  if (reply.ok) return { reply, usage };
  const { category, message, code, retryAfterMs } = reply.failure;
  throw new ToolFailure(category, message, { code, retryAfterMs, details: { model: model.name, usage } });
}
