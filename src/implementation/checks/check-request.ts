import type { ToolRegistry } from "#src/tools/registry.ts";
import type { Check } from "./check.ts";
import { broken, met, unmet, type Found } from "./found.ts";
import type { Place } from "./place.ts";

// Whether a request could be done with the tools that there are: it is planned, without a language model, and nothing of it runs. A
// question that planning asks back is a yes: somebody who asked would be answered.

/** Codes: `no-planner`. */
export async function askRequest(
  { request }: Extract<Check, { kind: "request" }>,
  { tools, context }: Place,
): Promise<Found> {
  if (tools === undefined) return broken("no-planner", { text: "who asks here knows no tools to plan with" });
  const { planned } = await import("#src/planning/request/planning.ts");
  const result = planned({ request, context: {}, earlier: [], answers: [], number: 1 }, groundsOf(tools(), context));
  if (result.kind === "refusal") return unmet({ text: `${result.code}: ${result.message}` });
  return met({ text: result.kind === "question" ? "it is asked back about" : "a plan can be made for it" });
}

function groundsOf(tools: ToolRegistry, { clock }: Place["context"]) {
  return { tools, granted: {}, reports: [], past: [], now: clock.now() };
}
