// Strongly connected parts of a graph (Tarjan, "Depth-first search and linear graph algorithms", 1972), without recursion: a chain of
// needs may be as long as there are requirements.

/** By node, the number of its part; parts are numbered so that one comes before those that point to it. */
export function partsOf(successors: readonly (readonly number[])[]): Int32Array {
  const search = new Search(successors);
  for (let root = 0; root < successors.length; root += 1) search.from(root);
  return search.part;
}

const UNSEEN = -1;

class Search {
  readonly part: Int32Array;
  readonly #successors: readonly (readonly number[])[];
  readonly #index: Int32Array;
  readonly #low: Int32Array;
  /** The successor that is looked at next, by node. */
  readonly #next: Int32Array;
  readonly #stack: number[] = [];
  readonly #path: number[] = [];
  #visited = 0;
  #parts = 0;

  constructor(successors: readonly (readonly number[])[]) {
    const size = successors.length;
    this.#successors = successors;
    this.part = new Int32Array(size).fill(UNSEEN);
    this.#index = new Int32Array(size).fill(UNSEEN);
    this.#low = new Int32Array(size);
    this.#next = new Int32Array(size);
  }

  from(root: number): void {
    if (this.#index[root] === UNSEEN) this.#enter(root);
    for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
      const at = this.#next[node] ?? 0;
      this.#next[node] = at + 1;
      const successor = this.#successors[node]?.[at];
      if (successor === undefined) this.#leave(node);
      else if (this.#index[successor] === UNSEEN) this.#enter(successor);
      else if (this.part[successor] === UNSEEN) this.#lower(node, this.#index[successor] ?? 0);
    }
  }

  #enter(node: number): void {
    this.#index[node] = this.#low[node] = this.#visited++;
    this.#stack.push(node);
    this.#path.push(node);
  }

  #lower(node: number, low: number): void {
    this.#low[node] = Math.min(this.#low[node] ?? 0, low);
  }

  #leave(node: number): void {
    this.#path.pop();
    const around = this.#path.at(-1);
    if (around !== undefined) this.#lower(around, this.#low[node] ?? 0);
    if (this.#low[node] !== this.#index[node]) return;
    for (let member = this.#stack.pop(); member !== undefined; member = this.#stack.pop()) {
      this.part[member] = this.#parts;
      if (member === node) break;
    }
    this.#parts += 1;
  }
}

/** Members of each circle, in their order; a node that points to itself is one. */
export function circlesIn(successors: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const part = partsOf(successors);
  const members = Map.groupBy(successors.keys(), (node) => part[node]);
  return [...members.values()].filter(
    ([first = 0, second]) => second !== undefined || successors[first]?.includes(first) === true,
  );
}
