import { z } from "zod";
import { askModel, type Question, type Reply } from "#src/model/ask.ts";
import type { Spent } from "#src/model/budget.ts";
import type { ModelBook } from "#src/model/model-book.ts";
import { toolAsking } from "#src/model/tool-asking.ts";
import { TokenFeed } from "#src/model/token-feed.ts";
import type { ModelFailure } from "#src/ports/model.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

// What the model tools have in common: which model, how much, and how one is asked from within a tool.
//
// W1. A broken answer is mended here; an outage or a limit is the failure of the attempt, and the plan's retry waits for it.

const MAX_NAME_CHARS = 200;
const MAX_TOKENS = 1_000_000;
const MAX_TEMPERATURE = 2;
export const MAX_TEXT_CHARS = 4 * 1_024 * 1_024;

export const modelName = z
  .string()
  .min(1)
  .max(MAX_NAME_CHARS)
  .optional()
  .describe("name of a model in the configuration");

/** Arguments of every model tool that writes freely. */
export const modelWords = {
  model: modelName,
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
  const booked = book.get(name);
  using feed = new TokenFeed(context.clock, context.progress);
  const asking = toolAsking(booked, context, feed);
  const maxOutputTokens = Math.min(maxTokens ?? asking.maxOutputTokens, asking.maxOutputTokens);
  const asked = { ...question, maxOutputTokens, ...(temperature === undefined ? {} : { temperature }) };
  const reply = await askModel(asked, { ...asking, isPatient: false });
  const { budget } = asking;
  if (reply.ok) return { reply, usage: usageOf(budget.spent) };
  throw toolFailure(reply.failure, { model: booked.model.name, spent: budget.spent });
}

export function usageOf({ isEstimated: estimated, inputTokens, outputTokens, tries }: Spent): Asked["usage"] {
  return { inputTokens, outputTokens, tries, estimated };
}

/** W1. */
export function toolFailure(
  { category, message, code, retryAfterMs }: ModelFailure,
  { model, spent }: { readonly model: string; readonly spent: Spent },
): ToolFailure {
  return new ToolFailure(category, message, { code, retryAfterMs, details: { model, usage: usageOf(spent) } });
}
