import { LOAD_PLANS, type LoadPlan } from "../crash/load/plans.ts";

// What is started again and again: plans of the crash tests whose payloads stay in their facts, and some whose steps take long enough
// that most kills meet one.

const SMALL: ReadonlySet<string> = new Set([
  ...["parallel", "orders", "trusting", "items", "again", "stubborn", "hopeless"],
  ...["sleepy", "taken", "asked", "called"],
]);

export const CHAOS_PLANS: readonly LoadPlan[] = [
  ...LOAD_PLANS.filter(({ name }) => SMALL.has(name)),
  plan("slow", 9, [
    "first: { tool: effects.again, with: { ms: 400 } }",
    "beside: { tool: effects.again, with: { ms: 700 } }",
    'last: { tool: effects.once, with: { after: "${[steps.first.output, steps.beside.output]}", ms: 300 } }',
  ]),
];

/** How each of them may end, whatever is killed. */
export const ENDS: Readonly<Record<string, readonly string[]>> = {
  hopeless: ["failed", "rolled-back"],
  taken: ["cancelled", "rolled-back"],
};

function plan(name: string, weight: number, steps: readonly string[]): LoadPlan {
  const inputs = "inputs: { id: { type: string } }";
  const source = [`plan: ${name}`, inputs, "steps:", ...steps.map((step) => `  ${step}`), "respond: ended", ""];
  return { name, weight, source: source.join("\n") };
}
