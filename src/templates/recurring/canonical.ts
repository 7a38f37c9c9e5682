import type { CallGraph, Link } from "#src/templates/recurring/call-graph.ts";

// One form for sub-graphs that are the same but for the names and the order of their steps.
//
// C1. Equal forms are equal sub-graphs: the form says all calls and links.
// C2. Equal sub-graphs have equal forms as far as refining colours (Weisfeiler and Leman 1968) tells their calls apart, with ties broken
//     one by one. Where that does not do, a recurrence is missed, never invented.

export interface Canonical {
  readonly form: string;
  /** The calls in the order of the form. */
  readonly order: readonly number[];
}

/** Of the calls of a graph that are named by their numbers. */
export function canonical(graph: CallGraph, nodes: readonly number[]): Canonical {
  const links = linksAmong(graph, nodes);
  let colours = refined(new Map(nodes.map((node) => [node, graph.calls[node]?.tool ?? ""])), links);
  for (let tie = firstTie(colours); tie !== undefined; tie = firstTie(colours)) {
    colours = refined(new Map([...colours, [tie, `${colours.get(tie) ?? ""}*`]]), links);
  }
  const order = [...nodes].sort((one, other) => compared(colours.get(one) ?? "", colours.get(other) ?? ""));
  const at = new Map(order.map((node, index) => [node, index]));
  const flows = links.map(({ from, to, label }) => [at.get(from), at.get(to), label] as const);
  const form = JSON.stringify([
    order.map((node) => graph.calls[node]?.tool),
    flows.map((flow) => JSON.stringify(flow)).sort(),
  ]);
  return { form, order };
}

export function linksAmong({ links }: CallGraph, nodes: readonly number[]): readonly Link[] {
  return links.filter(({ from, to }) => nodes.includes(from) && nodes.includes(to));
}

type Colours = ReadonlyMap<number, string>;

/** Until no round tells more apart. Colours are ranks of what a call is and what is around it. */
function refined(start: Colours, links: readonly Link[]): Colours {
  const around = new Map(
    [...start.keys()].map((node) => [node, links.filter(({ from, to }) => from === node || to === node)]),
  );
  let colours = ranked(start);
  for (let known = countOf(colours); ;) {
    const next = ranked(
      new Map(
        [...colours].map(([node, colour]) => [
          node,
          signature(node, colour, { colours, links: around.get(node) ?? [] }),
        ]),
      ),
    );
    const count = countOf(next);
    if (count === known) return next;
    [colours, known] = [next, count];
  }
}

function signature(
  node: number,
  colour: string,
  { colours, links }: { readonly colours: Colours; readonly links: readonly Link[] },
): string {
  const around = links.flatMap(({ from, to, label }) => {
    if (to === node) return [`<${colours.get(from) ?? ""} ${label}`];
    return from === node ? [`>${colours.get(to) ?? ""} ${label}`] : [];
  });
  return JSON.stringify([colour, ...around.sort()]);
}

const RANK_DIGITS = 4;

/** Short names in the order of the long ones: equal sub-graphs get equal ranks. */
function ranked(colours: Colours): Colours {
  const names = [...new Set(colours.values())].sort();
  return new Map(
    [...colours].map(([node, colour]) => [node, String(names.indexOf(colour)).padStart(RANK_DIGITS, "0")]),
  );
}

function countOf(colours: Colours): number {
  return new Set(colours.values()).size;
}

/** The first call of the first colour that several calls have. */
function firstTie(colours: Colours): number | undefined {
  const byColour = new Map<string, number[]>();
  for (const [node, colour] of colours) byColour.set(colour, [...(byColour.get(colour) ?? []), node]);
  const tied = [...byColour].filter(([, nodes]) => nodes.length > 1).sort(([one], [other]) => compared(one, other));
  return tied[0] && Math.min(...tied[0][1]);
}

function compared(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
