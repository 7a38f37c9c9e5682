import type { Block } from "#machines/block.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

const OPEN: ReadonlySet<StepStateName> = new Set(["pending", "running", "between", "waiting", "open", "unknown"]);

/** Tools that steps which have not ended may still call, also inside other steps, and that the registry lacks; sorted. */
export function missingTools(state: PlanView, tools: ToolRegistry): readonly string[] {
  const { block } = draftedOf(state);
  const base = state.root?.base ?? 0;
  const missing = new Set<string>();
  block.steps.forEach((_, index) => {
    if (!OPEN.has(state.steps[base + index]?.chart.value ?? "pending")) return;
    for (const name of toolsOf(block, index)) if (tools.get(name) === undefined) missing.add(name);
  });
  return [...missing].sort();
}

/** Tools that a plan may call, also inside other steps, as fallbacks and to take back. */
export function toolsIn(block: Block): readonly string[] {
  return [...new Set(block.steps.flatMap((_, index) => toolsOf(block, index)))].sort();
}

function toolsOf({ steps, inner }: Block, index: number): readonly string[] {
  const step = steps[index];
  if (step === undefined) return [];
  const undo = step.kind === "tool" && step.undo !== undefined ? [step.undo.call] : [];
  const calls = step.kind === "tool" ? [step.call, ...undo, ...step.fallback] : step.fallback;
  const own = calls.flatMap((call) => ("tool" in call ? [call.tool] : []));
  const block = inner[index];
  return block === undefined ? own : [...own, ...block.steps.flatMap((_, number) => toolsOf(block, number))];
}
