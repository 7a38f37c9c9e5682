import { topologicalOrder, type StepGraph } from "#machines/graph.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";

// A step graph drawn as a tree: each step stands under the deepest step that it needs. A chain does not wander to the
// right: only steps that share their place in the tree with others are indented.

export interface TreeRow {
  /** Number of the step: in its graph, or in the state. */
  readonly step: number;
  readonly indent: number;
}

/** The plan's own steps as a tree, and below them its rollbacks, each a row that others are inside of. O(steps). */
export function selectTree(state: PlanView): readonly TreeRow[] {
  const { root, rollbacks } = state;
  // A plan that has not started has no steps yet.
  if (root === undefined) return [];
  const own = stepTree(draftedOf(state).graph).map(({ step, indent }) => ({ step: root.base + step, indent }));
  return [...own, ...rollbacks.map(({ scope }) => ({ step: scope.base, indent: 0 }))];
}

/** Rows from top to bottom, in O(steps + needs); a graph with a cycle has none. */
export function stepTree(graph: StepGraph): readonly TreeRow[] {
  const sorted = topologicalOrder(graph);
  if ("cycle" in sorted) return [];
  const depth = graph.needs.map(() => 0);
  const children: number[][] = graph.needs.map(() => []);
  const roots: number[] = [];
  for (const step of sorted.order) {
    const parent = deepest(graph.needs[step] ?? [], depth);
    if (parent === undefined) roots.push(step);
    else {
      depth[step] = (depth[parent] ?? 0) + 1;
      children[parent]?.push(step);
    }
  }
  return rowsFrom(roots, children);
}

function deepest(needs: readonly number[], depth: readonly number[]): number | undefined {
  return needs.reduce<number | undefined>((best, need) => {
    return best === undefined || (depth[need] ?? 0) > (depth[best] ?? 0) ? need : best;
  }, undefined);
}

/** Depth first without recursion: a plan may be a chain of a hundred thousand steps. */
function rowsFrom(roots: readonly number[], children: readonly (readonly number[])[]): TreeRow[] {
  const rows: TreeRow[] = [];
  const open: TreeRow[] = roots.map((step) => ({ step, indent: 0 })).reverse();
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    rows.push(row);
    const below = [...(children[row.step] ?? [])].sort((a, b) => b - a);
    const indent = below.length > 1 ? row.indent + 1 : row.indent;
    for (const step of below) open.push({ step, indent });
  }
  return rows;
}
