import type { PlanDefinition } from "#events/definition.ts";
import type { Granted, ValidationFinding } from "#src/planning/validation/grounds.ts";
import type { CostEstimate, PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import { stepPathOf } from "#src/planning/validation/places.ts";

// What a plan is expected to take against what it may: the budget against the most that it can cost, the deadline against the median
// and against nine runs of ten.

export function boundFindings(
  definition: PlanDefinition,
  granted: Granted,
  estimate: PlanEstimate,
): readonly ValidationFinding[] {
  return [...budgetFindings(definition, granted, estimate), ...deadlineFindings(definition, granted, estimate)];
}

function budgetFindings(
  definition: PlanDefinition,
  { budget }: Granted,
  { cost, steps }: PlanEstimate,
): readonly ValidationFinding[] {
  if (budget === undefined) return [];
  const found: ValidationFinding[] = [];
  const [first] = cost.unknownSteps;
  if (first !== undefined) found.push(unknownCost(definition, cost, first));
  if (cost.currency !== undefined && cost.currency !== budget.currency && cost.most > 0) {
    const message = `the budget is in ${budget.currency} and the tools' prices are in ${cost.currency}`;
    return [...found, { code: "budget-currency", severity: "error", message, path: ["steps"] }];
  }
  if (cost.most <= budget.amount) return found;
  const dearest = steps.reduce((most, step) => (step.cost.most > most.cost.most ? step : most), steps[0] ?? NO_STEP);
  const message =
    `it may cost ${money(cost.most, budget.currency)} (${money(cost.expected, budget.currency)} is expected), and the budget is ` +
    `${money(budget.amount, budget.currency)}; ${dearest.step} costs most, up to ${money(dearest.cost.most, budget.currency)}`;
  const path = stepPathOf(definition, dearest.step);
  return [
    ...found,
    {
      code: "over-budget",
      severity: "error",
      message,
      path,
      suggestion: "fewer attempts or items, or another tool",
    },
  ];
}

const NO_STEP = { step: "", cost: { most: 0 } };

function unknownCost(definition: PlanDefinition, { unknownSteps }: CostEstimate, first: string): ValidationFinding {
  const more = unknownSteps.length === 1 ? "" : `, nor what ${unknownSteps.length - 1} more cost`;
  const message = `nobody knows what ${first} costs${more}: the budget may not hold`;
  return {
    code: "cost-unknown",
    severity: "warning",
    message,
    path: stepPathOf(definition, first),
  };
}

function deadlineFindings(
  definition: PlanDefinition,
  granted: Granted,
  { durationMs, criticalPath }: PlanEstimate,
): readonly ValidationFinding[] {
  const { deadlineMs = Infinity } = definition;
  const asked = granted.deadlineMs ?? Infinity;
  const bound = Math.min(deadlineMs, asked);
  if (durationMs.p90 <= bound) return [];
  const path = deadlineMs <= asked ? ["deadline"] : ["steps"];
  const chain = criticalPath.length === 0 ? "" : `; longest are ${criticalPath.slice(0, MAX_NAMED).join(", ")}`;
  const isLate = durationMs.p50 > bound;
  const message = isLate
    ? `half of all runs take longer than ${seconds(durationMs.p50)}, and the deadline is ${seconds(bound)}${chain}`
    : `one run in ten takes longer than ${seconds(durationMs.p90)}, and the deadline is ${seconds(bound)}${chain}`;
  const suggestion = `deadline: ${Math.ceil(durationMs.p90 / 1000)}s`;
  const code = isLate ? "deadline-missed" : "deadline-at-risk";
  return [
    {
      code,
      severity: isLate ? "error" : "warning",
      message,
      path,
      ...(path[0] === "deadline" ? { suggestion } : {}),
    },
  ];
}

const MAX_NAMED = 3;

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.ceil(ms)}ms` : `${Number((ms / 1000).toPrecision(3))}s`;
}

function money(amount: number, currency: string): string {
  return `${Number(amount.toPrecision(6))} ${currency}`;
}
