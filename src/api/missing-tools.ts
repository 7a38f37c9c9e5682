import { draftedOf, type PlanView } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

const OPEN: ReadonlySet<StepStateName> = new Set(["pending", "running", "between", "waiting", "unknown"]);

/** Tools that steps which have not ended may still call, and that the registry lacks; sorted. */
export function missingTools(state: PlanView, tools: ToolRegistry): readonly string[] {
  const missing = new Set<string>();
  draftedOf(state).definition.steps.forEach((step, index) => {
    if (!OPEN.has(state.steps[index]?.chart.value ?? "pending")) return;
    const calls = step.kind === "tool" ? [step.call, ...step.fallback] : step.fallback;
    for (const call of calls) {
      if ("tool" in call && tools.get(call.tool) === undefined) missing.add(call.tool);
    }
  });
  return [...missing].sort();
}
