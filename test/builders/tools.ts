import { z } from "zod";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { secret } from "#src/tools/secret.ts";

// Tools of a shop for books, with arguments and outputs of every shape.

export const search = defineTool({
  name: "shop.search",
  module: import.meta.url,
  version: "1.0.0",
  description: "Finds books.",
  input: z.strictObject({ words: z.string(), token: secret().optional(), limit: z.int().default(10) }),
  output: z.array(z.object({ title: z.string(), price: z.number(), tags: z.array(z.string()) })),
  sideEffects: "read",
  run: ({ words }) => [{ title: words, price: 12, tags: ["new"] }],
});

export const order = defineTool({
  name: "shop.order",
  version: "1.0.0",
  description: "Orders books.",
  input: z.strictObject({
    titles: z.array(z.string()),
    pay: z.object({ amount: z.number(), by: z.enum(["card", "bill"]) }),
  }),
  output: z.object({ id: z.string(), "ship-to": z.string(), note: z.string().optional() }),
  sideEffects: "write",
  run: ({ titles }) => ({ id: titles.join("+"), "ship-to": "home" }),
});

export const cancelOrder = defineTool({
  name: "shop.cancel",
  version: "1.0.0",
  description: "Takes an order back.",
  input: z.strictObject({ id: z.string() }),
  output: z.null(),
  sideEffects: "write",
  run: () => null,
});

export const findOrder = defineTool({
  name: "shop.find",
  version: "1.0.0",
  description: "Looks for an order.",
  input: z.strictObject({ key: z.string() }),
  output: z.object({ found: z.array(z.string()) }),
  sideEffects: "read",
  run: () => ({ found: [] }),
});

/** Takes no argument and gives what nobody has described. */
export const stock = defineTool({
  name: "shop.stock",
  version: "1.0.0",
  description: "What is there.",
  input: z.strictObject({}),
  output: z.unknown(),
  sideEffects: "read",
  run: () => ({ books: 3 }),
});

export const planAhead = defineTool({
  name: "shop.plan",
  version: "1.0.0",
  description: "Says how a plan goes on.",
  input: z.strictObject({ words: z.string(), failure: z.unknown().optional() }),
  output: z.object({ rest: z.unknown() }),
  sideEffects: "read",
  run: () => ({ rest: { steps: [] } }),
});

export const tools = registry([search, order, cancelOrder, findOrder, stock, planAhead]);
