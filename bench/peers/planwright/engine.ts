import { z } from "zod";
import type * as sources from "#src/index.ts";
import type { PlanDefinition, Tool, ToolRegistry } from "#src/index.ts";
import { MOST_IN_FLIGHT, STEPS_PER_WORKFLOW, type Setting } from "../protocol.ts";
import type { PeerEngine, Step } from "../worker.ts";

// Planwright as a library in the worker process, over its own store on the disk. The library is given: the command measures
// the built package, as the other packages are built too; tests run the sources.

type Library = typeof sources;

export function stepTool({ defineTool }: Pick<Library, "defineTool">, step: Step): Tool {
  return defineTool({
    name: "peer.step",
    version: "1.0.0",
    description: "One trivial step.",
    input: z.strictObject({ workflow: z.string(), index: z.int(), before: z.int().optional() }),
    output: z.int(),
    sideEffects: "read",
    run: ({ workflow, index }) => step(workflow, index),
  });
}

export function openWith(library: Library): (given: Setting, step: Step) => Promise<PeerEngine> {
  return async ({ folder }, step) => {
    const tool = stepTool(library, step);
    const options = { store: folder, root: folder, slots: MOST_IN_FLIGHT, tools: [tool] };
    const planwright = await library.openPlanwright(options);
    const { engine } = planwright;
    const definition = sequence(library, planwright.tools);
    const { signal } = new AbortController();
    return {
      run: async (workflow) => {
        const given = library.checkInputs(definition, { workflow });
        if (!given.ok) throw new Error("the inputs do not fit the plan");
        const state = await engine.settled(await engine.start(definition, given.inputs), signal);
        if (state.header.value !== "succeeded") throw new Error(`a plan ended as ${state.header.value}`);
      },
      goOn: async () => {
        for (const { plan } of await engine.interrupted()) engine.resume(plan);
      },
      [Symbol.asyncDispose]: () => planwright[Symbol.asyncDispose](),
    };
  };
}

/** A plan of steps that each get what the one before gave. */
export function sequence(
  { parsePlan, checkPlan, formatFindings }: Pick<Library, "parsePlan" | "checkPlan" | "formatFindings">,
  tools: ToolRegistry,
): PlanDefinition {
  const steps = Array.from({ length: STEPS_PER_WORKFLOW }, (_, index) => {
    const before = index === 0 ? "" : `, before: "\${steps.s${index - 1}.output}"`;
    return `  s${index}: { tool: peer.step, with: { workflow: "\${inputs.workflow}", index: ${index}${before} } }\n`;
  });
  const text = `plan: ten\ninputs:\n  workflow: { type: string }\nsteps:\n${steps.join("")}`;
  const parsed = parsePlan(text, { file: "ten.yaml" });
  if (!parsed.ok) throw new Error(formatFindings(parsed.findings));
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) throw new Error(formatFindings(checked.findings));
  return checked.definition;
}
