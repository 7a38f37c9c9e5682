import { callsOfStages } from "#src/planning/estimate/attempt-model.ts";
import type { CostEstimate } from "#src/planning/estimate/plan-estimate.ts";
import type { StepNode } from "#src/planning/estimate/task-graph.ts";

// What the calls of a plan cost: as expected, with how often attempts fail, and at most, with every retry, fallback and iteration.
// Attempts that fail cost what others do; undo calls are no part of it.

export function costOf(nodes: readonly StepNode[]): CostEstimate {
  const currency = currencyOf(nodes);
  let [expected, most] = [0, 0];
  const unknownSteps: string[] = [];
  for (const node of nodes) {
    const cost = nodeCost(node, currency);
    expected += cost.expected;
    most += cost.most;
    if (!cost.isWhole || node.isClosed) unknownSteps.push(node.label);
  }
  return {
    ...(currency === undefined ? {} : { currency }),
    expected,
    most,
    unknownSteps,
  };
}

interface NodeCost {
  readonly expected: number;
  readonly most: number;
  /** Every call has a price in the currency. */
  readonly isWhole: boolean;
}

/** Of all runs of a step. */
export function nodeCost({ model, runs, mostRuns }: StepNode, currency?: string): NodeCost {
  let [expected, most] = [0, 0];
  let isWhole = true;
  for (const { stage, expected: calls } of model === undefined ? [] : callsOfStages(model)) {
    const { price, attempts, isCall } = stage;
    if (!isCall) continue;
    if (price === undefined || price.currency !== currency) isWhole = false;
    else {
      expected += calls * price.amount * runs;
      most += attempts * price.amount * mostRuns;
    }
  }
  return { expected, most, isWhole };
}

/** Sums have one currency: that of the first call with a price. */
export function currencyOf(nodes: readonly StepNode[]): string | undefined {
  for (const { model } of nodes) {
    const price = model?.stages.find((stage) => stage.price !== undefined)?.price;
    if (price !== undefined) return price.currency;
  }
  return undefined;
}
