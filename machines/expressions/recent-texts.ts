// What was compiled from a text, kept while it is among the most recently used. A cache of a pure function: it changes how
// fast an answer comes, never the answer.

export class RecentTexts<T> {
  readonly #maxChars: number;
  /** Oldest use first, by the order of a Map. */
  readonly #entries = new Map<string, T>();
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  get(text: string, compute: (text: string) => T): T {
    const known = this.#entries.get(text);
    if (known !== undefined) {
      this.#entries.delete(text);
      this.#entries.set(text, known);
      return known;
    }
    const made = compute(text);
    this.#entries.set(text, made);
    this.#chars += text.length;
    this.#evict();
    return made;
  }

  #evict(): void {
    for (const text of this.#entries.keys()) {
      if (this.#chars <= this.#maxChars) return;
      this.#entries.delete(text);
      this.#chars -= text.length;
    }
  }
}
