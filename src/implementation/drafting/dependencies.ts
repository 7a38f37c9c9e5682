import type { Check } from "#src/implementation/checks/check.ts";
import { neededBy, readsOfCheck } from "./check-reads.ts";
import type { Need } from "./chosen-remedies.ts";
import { TOUCHES, type Footprint } from "./footprint.ts";
import { mergeOrder } from "./merge-order.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { AncestorSets } from "./ancestor-sets.ts";

// What has to be merged before what: what is declared, and what follows from files and checks.
//
// D1. Acyclic by construction: all changes are put into one order that respects what is declared, and every edge goes along it.
// D2. Two changes whose files may overlap are never parallel: there is a path between them.
// D3. Where it can be, what writes a file comes before what edits it, and both before what takes it away; and what a check or a command
//     reads comes before it. In a circle of such wishes urgency decides.
// D4. An edge that follows from others is left out, unless it is declared.
// D5. Every edge has its reason.

interface DraftedNeed {
  /** Place of the change that comes before, in the given list. */
  readonly on: number;
  readonly kind: "declared" | "files" | "reads";
  readonly reason: string;
}

/** A change as far as its dependencies go; the most urgent one first in a list of them. */
export interface Dependent {
  readonly requirement: string;
  readonly needs: readonly Need[];
  readonly remedy: string;
  /** The remedy, and those that are tried where it fails. */
  readonly bodies: readonly DependentBody[];
}

interface DependentBody {
  /** Patterns. */
  readonly files: readonly string[];
  readonly footprint: Footprint;
  readonly acceptance: Check;
}

export interface Ordered {
  /** Places in the given list, in the order in which they are merged. */
  readonly order: readonly number[];
  /** By place. */
  readonly needs: readonly (readonly DraftedNeed[])[];
}

/** What is declared has no circle. */
export function dependenciesOf(changes: readonly Dependent[]): Ordered {
  const declared = declaredNeeds(changes);
  const wished = new Wishes(changes);
  const order = mergeOrder(
    declared.map((needs) => needs.map(({ on }) => on)),
    wished.edges(),
  );
  return { order, needs: neededIn(order, declared, wished) };
}

function declaredNeeds(changes: readonly Dependent[]): readonly (readonly DraftedNeed[])[] {
  const places = new Map(changes.map(({ requirement }, place) => [requirement, place]));
  return changes.map(({ needs, requirement, remedy }) =>
    needs.flatMap((need): readonly DraftedNeed[] => {
      const on = places.get(need.requirement);
      if (on === undefined) return [];
      const who = need.of === "requirement" ? requirement : `the remedy ${remedy}`;
      return [{ on, kind: "declared", reason: `${who} needs ${need.requirement}` }];
    }),
  );
}

interface Use {
  readonly pattern: string;
  readonly number: number;
  readonly why: string;
}

/** Files that changes touch and read, as numbers of an index. */
class Wishes {
  readonly touches: readonly (readonly Use[])[];
  readonly reads: readonly (readonly Use[])[];
  readonly overlaps: readonly (readonly number[])[];
  readonly #changes: readonly Dependent[];
  readonly #count: number;

  constructor(changes: readonly Dependent[]) {
    const index = new OverlapIndex();
    const use = (pattern: string, why: string): Use => ({ pattern, why, number: index.number(pattern) });
    this.#changes = changes;
    this.touches = changes.map(({ bodies }) =>
      bodies.flatMap(({ files }) => files.filter((one) => !one.startsWith("!")).map((one) => use(one, "may touch"))),
    );
    this.reads = changes.map(({ bodies }) =>
      bodies.flatMap(({ acceptance, footprint: { commands } }) => [
        ...readsOfCheck(acceptance).map((pattern) => use(pattern, "its acceptance check reads")),
        ...commands.flatMap((command) => neededBy(command).map((pattern) => use(pattern, "a command of it needs"))),
      ]),
    );
    this.overlaps = index.overlaps();
    this.#count = this.overlaps.length;
  }

  /**
   * D3, as successors of a graph that has changes first, then a node for each pattern, and three for each file that actions name: from
   * who writes to who reads without an edge for each pair.
   */
  edges(): readonly (readonly number[])[] {
    const first = this.#changes.length;
    const edges: number[][] = Array.from({ length: first + this.#count }, () => []);
    const readers = new Map<number, number[]>();
    this.reads.forEach((uses, place) => {
      for (const { number } of uses) readers.set(number, [...(readers.get(number) ?? []), place]);
    });
    this.touches.forEach((uses, place) => {
      for (const { number } of uses) edges[place]?.push(first + number);
    });
    for (const [number, places] of readers) {
      const gate = edges.push(places) - 1;
      for (const other of this.overlaps[number] ?? []) edges[first + other]?.push(gate);
    }
    this.#stages(edges);
    return edges;
  }

  #stages(edges: number[][]): void {
    const stages = new Map<string, number>();
    const stageOf = (path: string): number => {
      const known = stages.get(path);
      if (known !== undefined) return known;
      const stage = edges.length;
      edges.push([stage + 1], []);
      stages.set(path, stage);
      return stage;
    };
    this.#changes.forEach(({ bodies }, place) => {
      for (const [path, touch] of bodies.flatMap(({ footprint }) => [...footprint.touches])) {
        const rank = TOUCHES.indexOf(touch);
        const stage = stageOf(path);
        if (rank < 2) edges[place]?.push(stage + rank);
        if (rank > 0) edges[stage + rank - 1]?.push(place);
      }
    });
  }
}

function neededIn(
  order: readonly number[],
  declared: readonly (readonly DraftedNeed[])[],
  { touches, reads, overlaps }: Wishes,
): readonly (readonly DraftedNeed[])[] {
  const positions = new Int32Array(order.length);
  order.forEach((place, position) => (positions[place] = position));
  const positionOf = (place: number): number => positions[place] ?? 0;
  const before = new AncestorSets(order.length);
  const lastTouch = new Map<number, { readonly place: number; readonly pattern: string }>();
  const needs: DraftedNeed[][] = declared.map((own) => [...own]);
  order.forEach((place, position) => {
    const own = needs[place] ?? [];
    for (const { on } of own) before.add(position, positionOf(on));
    const found = new Map<number, DraftedNeed>();
    const look = (uses: readonly Use[], kind: "files" | "reads"): void => {
      for (const { number, pattern, why } of uses) {
        for (const other of overlaps[number] ?? []) {
          const last = lastTouch.get(other);
          if (last === undefined || found.has(last.place)) continue;
          found.set(last.place, {
            on: last.place,
            kind,
            reason: reasonOf(kind, { pattern, why, other: last.pattern }),
          });
        }
      }
    };
    look(touches[place] ?? [], "files");
    look(reads[place] ?? [], "reads");
    // D4: the nearest ones first, from which the others may follow.
    for (const need of [...found.values()].sort((a, b) => positionOf(b.on) - positionOf(a.on))) {
      if (before.has(position, positionOf(need.on))) continue;
      before.add(position, positionOf(need.on));
      own.push(need);
    }
    for (const { number, pattern } of touches[place] ?? []) lastTouch.set(number, { place, pattern });
  });
  return needs;
}

interface Meeting {
  readonly pattern: string;
  readonly why: string;
  readonly other: string;
}

function reasonOf(kind: "files" | "reads", { pattern, why, other }: Meeting): string {
  const isSame = pattern === other;
  if (kind === "files") {
    return isSame ? `both may touch ${told(pattern)}` : `${told(pattern)} and ${told(other)} may be the same file`;
  }
  return isSame
    ? `${why} ${told(pattern)}, which that one may touch`
    : `${why} ${told(pattern)}; that one may touch ${told(other)}`;
}

const MAX_TOLD_CHARS = 120;

/** A name with a line end in it stays on one line. */
function told(pattern: string): string {
  const text = /^[\w./*-]+$/.test(pattern) ? pattern : JSON.stringify(pattern);
  return text.length > MAX_TOLD_CHARS ? `${text.slice(0, MAX_TOLD_CHARS)}…` : text;
}
