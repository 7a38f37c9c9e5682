import { definePlan, type Around } from "#src/builders/plan.ts";
import { order, search } from "./tools.ts";

export interface Book {
  title: string;
  price: number;
  tags: string[];
}
export type Shop = ReturnType<typeof shop>;

export const INPUTS = {
  words: { type: "string" },
  most: { type: "integer", default: 3 },
  token: { type: "string", secret: true },
  level: { enum: ["low", "high"] },
  limits: { type: "object", properties: { sum: { type: "number" }, note: { type: "string" } }, required: ["sum"] },
  tags: { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } },
  any: {},
} as const;

/** What stands around the steps of a plan, and two of its steps. */
export function shop() {
  const all: Around<typeof INPUTS>[] = [];
  definePlan({ plan: "shop", inputs: INPUTS }, (around) => void all.push(around));
  const { inputs, step } = all[0]!;
  const books = step.tool("books", search, { with: { words: inputs.words } });
  const ordered = step.tool("ordered", order, { with: { titles: [], pay: { amount: 1, by: "card" } } });
  return { inputs, step, books, ordered };
}
