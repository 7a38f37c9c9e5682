/** What was worked out for a value that nobody changes, by which value it is, as long as that is there. */
export class KnownResults<Key extends object, Result extends object> {
  readonly #known = new WeakMap<Key, Result>();

  get(key: Key, compute: () => Result): Result {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const result = compute();
    this.#known.set(key, result);
    return result;
  }
}

/** The same for two values. */
export class KnownPairs<First extends object, Second extends object, Result extends object> {
  readonly #known = new KnownResults<First, KnownResults<Second, Result>>();

  get(first: First, second: Second, compute: () => Result): Result {
    return this.#known.get(first, () => new KnownResults()).get(second, compute);
  }
}
