import { z } from "zod";

// Facts as `serve --json` and `history --json` print them; of what is in them only what the tour looks at.

const fact = z.object({
  plan: z.string(),
  revision: z.int(),
  type: z.string(),
  data: z.object({
    step: z.string().optional(),
    attempt: z.int().optional(),
    executor: z.string().optional(),
    /** Of the owner that recorded it. */
    epoch: z.int().optional(),
    /** Of a drafted plan: how many it has. */
    steps: z.int().optional(),
  }),
});

const told = fact.extend({ kind: z.literal("fact") });
const history = z.object({ events: z.array(fact) });

export type Fact = z.infer<typeof fact>;

/** Undefined for a line that tells no fact. */
export function toldFact(line: string): Fact | undefined {
  return told.safeParse(JSON.parse(line) as unknown).data;
}

export function factsOfHistory(text: string): readonly Fact[] {
  return history.parse(JSON.parse(text) as unknown).events;
}

export function hasEndedPlan({ type }: Fact): boolean {
  return ["PlanSucceeded", "PlanFailed", "PlanCancelled", "PlanRolledBack"].includes(type);
}
