// Circles among modules: the strongly connected components of a graph in arrays of numbers.
// Without recursion: a chain of 100,000 imports is no deeper than one.

/**
 * Tarjan, 1972. `ends` holds pairs of numbers below `count`.
 */
export function components(count: number, ends: Uint32Array): readonly (readonly number[])[] {
  const search = new Search(count, grouped(count, ends));
  for (let root = 0; root < count; root++) search.from(root);
  return search.found;
}

/** Targets of each node, one after the other: those of n are from `first[n]` to `first[n + 1]`. */
interface Targets {
  readonly first: Uint32Array;
  readonly targets: Uint32Array;
}

const UNSEEN = -1;

class Search {
  readonly found: number[][] = [];
  readonly #targets: Targets;
  readonly #index: Int32Array;
  readonly #low: Int32Array;
  /** The next edge of each node that is looked at. */
  readonly #next: Uint32Array;
  readonly #isOpen: Uint8Array;
  readonly #open: number[] = [];
  readonly #path: number[] = [];
  #visited = 0;

  constructor(count: number, targets: Targets) {
    this.#targets = targets;
    this.#index = new Int32Array(count).fill(UNSEEN);
    this.#low = new Int32Array(count);
    this.#next = targets.first.slice();
    this.#isOpen = new Uint8Array(count);
  }

  from(root: number): void {
    if (this.#index[root] === UNSEEN) this.#enter(root);
    for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
      const edge = at(this.#next, node);
      if (edge === at(this.#targets.first, node + 1)) {
        this.#leave(node);
        continue;
      }
      this.#next[node] = edge + 1;
      const target = at(this.#targets.targets, edge);
      if (this.#index[target] === UNSEEN) this.#enter(target);
      else if (this.#isOpen[target] === 1) this.#lower(node, at(this.#index, target));
    }
  }

  #enter(node: number): void {
    this.#index[node] = this.#visited;
    this.#low[node] = this.#visited;
    this.#visited += 1;
    this.#isOpen[node] = 1;
    this.#open.push(node);
    this.#path.push(node);
  }

  #leave(node: number): void {
    this.#path.pop();
    const above = this.#path.at(-1);
    if (above !== undefined) this.#lower(above, at(this.#low, node));
    if (at(this.#low, node) !== at(this.#index, node)) return;
    const members = this.#open.splice(this.#open.lastIndexOf(node));
    for (const member of members) this.#isOpen[member] = 0;
    this.found.push(members);
  }

  #lower(node: number, index: number): void {
    this.#low[node] = Math.min(at(this.#low, node), index);
  }
}

function grouped(count: number, ends: Uint32Array): Targets {
  const first = new Uint32Array(count + 1);
  for (let edge = 0; edge < ends.length; edge += 2) {
    const after = at(ends, edge) + 1;
    first[after] = at(first, after) + 1;
  }
  for (let node = 0; node < count; node++) first[node + 1] = at(first, node + 1) + at(first, node);
  const targets = new Uint32Array(ends.length / 2);
  const free = first.slice();
  for (let edge = 0; edge < ends.length; edge += 2) {
    const place = at(free, at(ends, edge));
    targets[place] = at(ends, edge + 1);
    free[at(ends, edge)] = place + 1;
  }
  return { first, targets };
}

function at(numbers: Uint32Array | Int32Array, index: number): number {
  return numbers[index] ?? 0;
}
