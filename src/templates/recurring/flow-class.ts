import type { CallGraph } from "#src/templates/recurring/call-graph.ts";
import { canonical } from "#src/templates/recurring/canonical.ts";

// Flows that are the same but for names and constants, put together: what is found in one of them is found in all, so that a hundred
// plans of one shape cost what one costs.

/** A flow is all calls of a plan that are connected. Those of one class are the same but for names and constants. */
export interface FlowClass {
  readonly form: string;
  readonly first: Flow;
  readonly members: readonly Flow[];
}

interface Flow {
  readonly graph: CallGraph;
  /** Its calls in the order of the form: equal positions are the same call in all members. */
  readonly order: readonly number[];
}

/** In the order in which they are found. */
export function flowClasses(graphs: readonly CallGraph[]): readonly FlowClass[] {
  const classes = new Map<string, Flow[]>();
  for (const graph of graphs) {
    for (const nodes of flowsOf(graph)) {
      const { form, order } = canonical(graph, nodes);
      const members = classes.get(form) ?? [];
      classes.set(form, members);
      members.push({ graph, order });
    }
  }
  return [...classes].flatMap(([form, members]) => {
    const [first] = members;
    return first === undefined ? [] : [{ form, first, members }];
  });
}

/** By call, those that it takes from or gives to. */
export function neighboursOf({ calls, links }: CallGraph): readonly ReadonlySet<number>[] {
  const around = calls.map(() => new Set<number>());
  for (const { from, to } of links) {
    around[from]?.add(to);
    around[to]?.add(from);
  }
  return around;
}

/** Of two calls at least. */
function flowsOf(graph: CallGraph): readonly (readonly number[])[] {
  const neighbours = neighboursOf(graph);
  const seen = new Set<number>();
  const flows = neighbours.map((_, start) => {
    if (seen.has(start)) return [];
    const flow = [start];
    seen.add(start);
    for (const node of flow) {
      for (const next of neighbours[node] ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        flow.push(next);
      }
    }
    return flow;
  });
  return flows.filter(({ length }) => length > 1);
}
