import { createReadStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { ERROR_CATEGORIES } from "#events/errors.ts";
import { filesIn } from "#src/model/record-folder.ts";

// What is kept in a folder of records about one plan, for a person who looks.
//
// K1. A line that is cut off, or that another program has written, is passed over.
// K2. Files are read line by line: a folder may be larger than what memory is there for.

/** The last ones; a plan that is asked about more often is looked at in the files themselves. */
const MAX_EXCHANGES = 500;

const keptExchange = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** `PLAN/STEP`. */
  about: z.string(),
  model: z.string(),
  number: z.int(),
  ms: z.number(),
  form: z.enum(["schema", "json", "text"]),
  prompt: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), text: z.string() })),
  answer: z.string().exactOptional(),
  failure: z.object({ category: z.enum(ERROR_CATEGORIES), code: z.string(), message: z.string() }).exactOptional(),
  problems: z.array(z.string()).exactOptional(),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number(), isEstimated: z.boolean() }),
});

export type KeptExchange = z.infer<typeof keptExchange>;

/** In the order in which they were written; none where there is no folder. */
export async function keptExchanges(folder: string, plan: string): Promise<readonly KeptExchange[]> {
  const found: KeptExchange[] = [];
  for (const { name } of await filesIn(folder)) {
    const lines = createInterface({ input: createReadStream(path.join(folder, name), "utf8") });
    for await (const line of lines) {
      const kept = line.includes(plan) ? exchangeIn(line) : undefined;
      if (kept?.about.startsWith(`${plan}/`) !== true) continue;
      found.push(kept);
      if (found.length > MAX_EXCHANGES) found.shift();
    }
  }
  return found;
}

function exchangeIn(line: string): KeptExchange | undefined {
  try {
    return keptExchange.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
