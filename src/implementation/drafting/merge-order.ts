import { EventHeap } from "#src/planning/estimate/event-heap.ts";
import { partsOf } from "./circles.ts";

// The order in which changes are merged: what is declared first of all, then what is wished, then urgency, which is the order of the list.
//
// O1. A wish counts where it is in no circle with other wishes and what is declared; those in a circle are given up together.

/**
 * Places in the list that `declared` is of. `wished` are successors by node: the changes first, then nodes that only stand between them and take no place in the
 * order.
 */
export function mergeOrder(
  declared: readonly (readonly number[])[],
  wished: readonly (readonly number[])[],
): readonly number[] {
  const count = declared.length;
  const successors = wished.map((edges) => [...edges]);
  declared.forEach((needs, place) => {
    for (const need of needs) successors[need]?.push(place);
  });
  const part = partsOf(successors);
  const kept = wished.map((edges, node) => edges.filter((to) => part[to] !== part[node]));
  declared.forEach((needs, place) => {
    for (const need of needs) kept[need]?.push(place);
  });
  return topological(kept, count);
}

/** Of those that nothing holds up the one with the lowest number comes next (Kahn, "Topological sorting of large networks", 1962). */
function topological(successors: readonly (readonly number[])[], count: number): readonly number[] {
  const waits = new Int32Array(successors.length);
  for (const edges of successors) for (const to of edges) waits[to] = (waits[to] ?? 0) + 1;
  const ready = new EventHeap();
  const release = (node: number): void => ready.push(node < count ? node : -1, node);
  waits.forEach((waiting, node) => {
    if (waiting === 0) release(node);
  });
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    if (node < count) order.push(node);
    for (const to of successors[node] ?? []) {
      waits[to] = (waits[to] ?? 0) - 1;
      if (waits[to] === 0) release(to);
    }
  }
  return order;
}
