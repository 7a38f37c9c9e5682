const BITS = 32;

/** Which of numbered nodes come before which: a set of bits for each, 3 MB for 5,000 of them. A node is added to before those after it. */
export class AncestorSets {
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(size: number) {
    this.#words = Math.ceil(size / BITS);
    this.#bits = new Uint32Array(size * this.#words);
  }

  has(node: number, ancestor: number): boolean {
    return ((this.#word(node, ancestor >>> 5) >>> (ancestor % BITS)) & 1) === 1;
  }

  /** With all that come before it. */
  add(node: number, ancestor: number): void {
    const to = node * this.#words;
    const from = ancestor * this.#words;
    // Ancestors have lower numbers: the words behind are empty.
    for (let word = 0; word <= ancestor >>> 5; word += 1) {
      this.#bits[to + word] = (this.#bits[to + word] ?? 0) | (this.#bits[from + word] ?? 0);
    }
    const own = to + (ancestor >>> 5);
    this.#bits[own] = (this.#bits[own] ?? 0) | (1 << (ancestor % BITS));
  }

  #word(node: number, word: number): number {
    return this.#bits[node * this.#words + word] ?? 0;
  }
}
