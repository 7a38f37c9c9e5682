import { LOAD_PLANS, type LoadPlan } from "../crash/load/plans.ts";

/** What is started again and again: the plans of the crash tests, and one whose steps run in a thread and a process of their own. */
export const SOAK_PLANS: readonly LoadPlan[] = [
  ...LOAD_PLANS,
  {
    name: "apart",
    weight: 1,
    source: `plan: apart
inputs: { id: { type: string } }
steps:
  thread: { tool: text.count, with: { text: "\${inputs.id}" }, isolate: thread }
  process: { tool: text.count, with: { text: "\${inputs.id}" }, isolate: process }
respond: ended
`,
  },
];

/** The plan whose time is measured: three steps one after the other, that wait for nobody. */
export const PROBE = "orders";
