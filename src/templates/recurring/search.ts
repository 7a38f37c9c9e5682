import type { CallGraph } from "#src/templates/recurring/call-graph.ts";
import { canonical } from "#src/templates/recurring/canonical.ts";
import { flowClasses, neighboursOf, type FlowClass } from "#src/templates/recurring/flow-class.ts";

// Connected parts that several plans have in common, grown call by call from pairs: a part recurs only where each part of it does
// (Agrawal and Srikant 1994, as for graphs in Inokuchi et al. 2000), so that what does not recur is never grown.
//
// S1. A part is the calls with every link between them; it recurs where MIN_PLANS different plans have it.
// S2. Only the largest are given: a part that can be grown by a call and still recurs is not. A whole flow that recurs is one of them.
// S3. Work is bounded by MAX_PLACES; whoever reaches it is told that the search is not complete. The same graphs give the same parts.
// S4. Flows that are the same in many plans are looked at once, for all of them.

const MIN_PLANS = 3;
const MIN_CALLS = 2;
const MAX_CALLS = 12;
const MAX_PLACES = 40_000;

/** Where a part stands. */
export interface Place {
  readonly graph: CallGraph;
  /** In the order of the form: the same numbers in all places are the same call. */
  readonly order: readonly number[];
}

export interface RecurringPart {
  readonly form: string;
  /** One a plan, in the order of the graphs. */
  readonly places: readonly Place[];
}

export interface RecurringParts {
  readonly parts: readonly RecurringPart[];
  readonly isComplete: boolean;
}

export function recurringParts(graphs: readonly CallGraph[]): RecurringParts {
  const search = new Search(flowClasses(graphs));
  const found = new Map(search.whole().map((part) => [part.form, part]));
  let level = search.pairs();
  for (let calls = MIN_CALLS; level.length > 0; calls += 1) {
    const { grown, largest } = calls < MAX_CALLS ? search.grow(level) : { grown: [], largest: level };
    for (const part of largest) if (!search.isInWhole(part)) found.set(part.form, part);
    level = grown;
  }
  return { parts: [...found.values()].map(recurring), isComplete: search.isComplete };
}

/** Where a part stands in the flow that stands for its class. */
interface Standing {
  readonly flow: FlowClass;
  readonly order: readonly number[];
}

interface Part {
  readonly form: string;
  readonly standings: readonly Standing[];
}

class Search {
  readonly #flows: readonly FlowClass[];
  readonly #neighbours: ReadonlyMap<FlowClass, readonly ReadonlySet<number>[]>;
  #left = MAX_PLACES;

  constructor(flows: readonly FlowClass[]) {
    this.#flows = flows;
    this.#neighbours = new Map(flows.map((flow) => [flow, neighboursOf(flow.first.graph)]));
  }

  get isComplete(): boolean {
    return this.#left > 0;
  }

  /** Flows that recur as they are. */
  whole(): readonly Part[] {
    const recurrent = this.#flows.filter((flow) => recurs([flow]));
    return recurrent.map((flow) => ({ form: flow.form, standings: [{ flow, order: flow.first.order }] }));
  }

  /** A part of a flow that recurs whole is never the largest. */
  isInWhole({ standings }: Part): boolean {
    return standings.some(({ flow, order }) => order.length < flow.first.order.length && recurs([flow]));
  }

  pairs(): readonly Part[] {
    const level = new Level();
    for (const flow of this.#flows) {
      for (const { from, to } of flow.first.graph.links) {
        if (flow.first.order.includes(from)) this.#add(level, { flow, order: [from, to] });
      }
    }
    return level.recurring();
  }

  /** S2: by one call each. */
  grow(parts: readonly Part[]): { readonly grown: readonly Part[]; readonly largest: readonly Part[] } {
    const level = new Level();
    for (const { form, standings } of parts) {
      for (const { flow, order } of standings) {
        const around = new Set(order.flatMap((node) => [...(this.#neighbours.get(flow)?.[node] ?? [])]));
        for (const node of around) if (!order.includes(node)) this.#add(level, { flow, order: [...order, node] }, form);
      }
    }
    const grown = level.recurring();
    const smaller = new Set(grown.flatMap(({ form }) => [...level.grownFrom(form)]));
    return { grown, largest: parts.filter(({ form }) => !smaller.has(form)) };
  }

  #add(level: Level, { flow, order }: Standing, from?: string): void {
    if (this.#left > 0 && level.add({ flow, order: [...order].sort((one, other) => one - other) }, from))
      this.#left -= 1;
  }
}

/** Parts of one size. */
class Level {
  readonly #known = new Map<FlowClass, Map<string, string>>();
  readonly #standings = new Map<string, Standing[]>();
  readonly #from = new Map<string, Set<string>>();

  /** Whether that was new. */
  add({ flow, order: nodes }: Standing, from: string | undefined): boolean {
    const known = this.#known.get(flow) ?? new Map<string, string>();
    this.#known.set(flow, known);
    const key = nodes.join();
    const before = known.get(key);
    const { form, order } = before === undefined ? canonical(flow.first.graph, nodes) : { form: before, order: nodes };
    if (from !== undefined) this.#from.set(form, (this.#from.get(form) ?? new Set()).add(from));
    if (before !== undefined) return false;
    known.set(key, form);
    const standings = this.#standings.get(form) ?? [];
    this.#standings.set(form, standings);
    standings.push({ flow, order });
    return true;
  }

  recurring(): readonly Part[] {
    const parts = [...this.#standings].map(([form, standings]) => ({ form, standings }));
    return parts.filter(({ standings }) => recurs(standings.map(({ flow }) => flow)));
  }

  grownFrom(form: string): ReadonlySet<string> {
    return this.#from.get(form) ?? new Set();
  }
}

function recurs(flows: readonly FlowClass[]): boolean {
  const plans = new Set<string>();
  for (const { members } of new Set(flows)) {
    for (const { graph } of members) {
      plans.add(graph.digest);
      if (plans.size >= MIN_PLANS) return true;
    }
  }
  return false;
}

/** In every plan that has it, once. */
function recurring({ form, standings }: Part): RecurringPart {
  const places = new Map<CallGraph, Place>();
  for (const { flow, order } of standings) {
    const positions = order.map((node) => flow.first.order.indexOf(node));
    for (const { graph, order: own } of flow.members) {
      if (!places.has(graph)) places.set(graph, { graph, order: positions.map((position) => own[position] ?? 0) });
    }
  }
  const inOrder = [...places.values()].sort((one, other) => one.graph.rank - other.graph.rank);
  return { form, places: inOrder };
}
